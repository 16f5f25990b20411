import { setTimeout as delay } from "node:timers/promises";
import { PlatosError } from "../../core/errors.ts";
import type { Cluster } from "./cluster.ts";
import { adviceOn } from "./disk-room.ts";
import { freePort } from "./free-port.ts";
import { launchPostmaster } from "./launch-postmaster.ts";
import { isPostmasterOf, readPostmasterNote } from "./postmaster-pid-file.ts";
import { probeDatabase } from "./probe-database.ts";
import { progressReporter } from "./progress-reporter.ts";

/** A database that runs and takes our password. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  /** It ran before us. */
  readonly attached: boolean;
  /** Settles when it ends; known for our own children only. */
  readonly exited: Promise<void> | undefined;
}

export interface ObtainOptions {
  /** Insists on this port, because clients know it. */
  readonly fixedPort?: number;
  readonly signal: AbortSignal;
}

interface Obstacle {
  readonly reason: string;
  readonly patienceMs: number;
  readonly portTaken: boolean;
}

const patienceMs = 30_000;
const recoveryPatienceMs = 600_000;
const firstPauseMs = 25;
const longestPauseMs = 1000;

/**
 * Adopts the database that a killed supervisor left running, or starts it. What is left of a killed database can stand
 * in the way for a while, so this tries for 30 seconds, and as long as ten minutes while it replays its log.
 */
export async function obtainPostmaster(cluster: Cluster, options: ObtainOptions): Promise<Postmaster> {
  let port = options.fixedPort ?? (await freePort(cluster.credentials.port));
  const report = progressReporter(cluster.log, "waiting for the embedded database");
  const since = performance.now();
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    options.signal.throwIfAborted();
    const found = (await adopt(cluster)) ?? (await launch(cluster, port, options.signal));
    if ("pid" in found) return found;
    if (performance.now() - since >= found.patienceMs) throw await notObtained(cluster, found.reason);
    report(found.reason);
    if (found.portTaken && options.fixedPort === undefined) port = await freePort();
    await delay(pauseMs, undefined, { signal: options.signal });
  }
}

/** Undefined when nothing of this folder runs. */
async function adopt(cluster: Cluster): Promise<Postmaster | Obstacle | undefined> {
  const { dataDir } = cluster.location;
  const note = await readPostmasterNote(dataDir);
  if (note === undefined || !(await isPostmasterOf(dataDir, note.pid, cluster.env))) return undefined;
  if (note.port === undefined) return obstacle(`process ${note.pid} is starting`);
  const probe = await probeDatabase({ credentials: cluster.credentials, port: note.port, dataDir });
  if (probe.state === "ready" || probe.state === "no_database") {
    return { pid: note.pid, port: note.port, attached: true, exited: undefined };
  }
  const reason = `process ${note.pid} on port ${note.port} does not let us in: ${probe.reason}`;
  return obstacle(reason, { patienceMs: probe.state === "starting" ? recoveryPatienceMs : patienceMs });
}

async function launch(cluster: Cluster, port: number, signal: AbortSignal): Promise<Postmaster | Obstacle> {
  const launched = await launchPostmaster(cluster, port, signal);
  switch (launched.outcome) {
    case "running":
      return { pid: launched.pid, port, attached: false, exited: launched.exited };
    case "busy":
      return obstacle(launched.reason);
    case "port_taken":
      return obstacle(launched.reason, { portTaken: true });
    case "failed":
      return obstacle(launched.reason, { patienceMs: 0 });
  }
}

function obstacle(reason: string, rest: Partial<Obstacle> = {}): Obstacle {
  return { reason, patienceMs, portTaken: false, ...rest };
}

async function notObtained(cluster: Cluster, reason: string): Promise<PlatosError> {
  const { dataDir, postgresDir } = cluster.location;
  const hangs = "If a Postgres of that folder hangs, end it (kill -INT its pid) and start again.";
  return new PlatosError(
    "store.unavailable",
    `The embedded database in ${dataDir} did not start: ${reason}\n` +
      `Its log is ${postgresDir}/postgres.log. ${await adviceOn(dataDir, reason, hangs)}`,
  );
}
