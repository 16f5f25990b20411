import { embeddedHost } from "./credentials.ts";

/** Postgres settings by their own names, as in `postgresql.conf`. */
export type ServerSettings = Readonly<Record<string, string>>;

/** For a small machine shared with the product itself. Durability is left as Postgres ships it: on. */
const defaults: ServerSettings = {
  listen_addresses: embeddedHost,
  unix_socket_directories: "",
  max_connections: "200",
  shared_buffers: "128MB",
  // A short log of changes to replay bounds how long a start after a crash takes.
  max_wal_size: "512MB",
  // The product's statements are short; parallel plans and compilation would only cost memory and start-up.
  max_parallel_workers_per_gather: "0",
  jit: "off",
  timezone: "UTC",
  log_timezone: "UTC",
  // Statements and the DETAIL of errors quote rows, and rows hold prompts and secrets.
  log_min_error_statement: "panic",
  log_error_verbosity: "terse",
  log_checkpoints: "off",
};

export function postgresArguments(dataDir: string, port: number, settings: ServerSettings): string[] {
  const flags = Object.entries({ ...defaults, ...settings }).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  return ["-D", dataDir, "-p", String(port), ...flags];
}
