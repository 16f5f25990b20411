import type { Log } from "../../core/ports/log.ts";
import type { Credentials } from "./credentials.ts";
import type { PostgresBinaries } from "./postgres-binaries.ts";
import type { ServerSettings } from "./server-settings.ts";
import type { StorageLocation } from "./storage-location.ts";

/** One embedded database ("database cluster" in Postgres' words) and all it takes to run it. */
export interface Cluster {
  readonly location: StorageLocation;
  readonly binaries: PostgresBinaries;
  readonly credentials: Credentials;
  readonly settings: ServerSettings;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Log;
}
