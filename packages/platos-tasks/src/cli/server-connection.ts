import { createClient, PlatosApiError, type PlatosClient } from "@platos-tasks/client";
import type { Config } from "../config.ts";
import { PlatosError } from "../core/errors.ts";
import type { CommandContext } from "./command.ts";

/** Options of every command that speaks to a running server. */
export const connectionOptions = { key: { type: "string" }, url: { type: "string" } } as const;

export const connectionHelp = `  --key <key>       API key (PLATOS_API_KEY)
  --url <url>       address of the server (PLATOS_PUBLIC_URL, else HOST and PORT)`;

export interface ConnectionValues {
  readonly key?: string | undefined;
  readonly url?: string | undefined;
}

/** Runs with a client of the server that options and configuration name; says which one did not answer, or refused. */
export async function withServer<Result>(
  values: ConnectionValues,
  context: CommandContext,
  run: (client: PlatosClient) => Promise<Result>,
): Promise<Result> {
  const config = context.readConfig();
  const apiKey = values.key ?? config.apiKey;
  if (apiKey === undefined) {
    throw new PlatosError(
      "key.invalid",
      "No API key was given. Pass --key, or set PLATOS_API_KEY. `platos keys create --env dev` makes a new one on the machine of the database.",
    );
  }
  const baseUrl = values.url ?? serverUrl(config);
  try {
    return await run(createClient({ baseUrl, apiKey }));
  } catch (error) {
    throw error instanceof PlatosApiError ? explained(error, baseUrl) : error;
  }
}

/** Where a server of this configuration is reached from this machine. */
export function serverUrl({ publicUrl, host, port }: Pick<Config, "publicUrl" | "host" | "port">): string {
  if (publicUrl !== undefined) return publicUrl;
  if (port === 0) {
    throw new PlatosError("input.invalid", "With PORT=0 the server's port is not known beforehand: pass --url.");
  }
  // All addresses of a machine include its loopback one; of these two only that one can be connected to.
  const reachable = { "0.0.0.0": "127.0.0.1", "::": "::1" }[host] ?? host;
  return `http://${reachable.includes(":") ? `[${reachable}]` : reachable}:${port}`;
}

function explained(error: PlatosApiError, baseUrl: string): Error {
  if (error.status === 0) {
    return new PlatosError(
      "store.unavailable",
      `No server answers at ${baseUrl}. Start one with platos dev, or pass --url (or PORT) of the one you mean.`,
      { cause: error },
    );
  }
  if (error.status === 401) {
    return new PlatosError("key.invalid", `${baseUrl} does not know this API key. Check --key or PLATOS_API_KEY.`, {
      cause: error,
    });
  }
  return error;
}
