import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Cluster } from "./cluster.ts";
import { saysDiskIsFull } from "./disk-room.ts";
import { disownStaleNote } from "./postmaster-pid-file.ts";
import { probeDatabase } from "./probe-database.ts";
import { progressReporter } from "./progress-reporter.ts";
import { openServerLog, readServerLog } from "./server-log.ts";
import { postgresArguments } from "./server-settings.ts";

/**
 * `busy`: what is left of a database that was killed still holds the folder, which passes by itself.
 * `port_taken`: somebody else listens there. `failed`: trying again would not help.
 */
export type Launch =
  | { readonly outcome: "running"; readonly pid: number; readonly exited: Promise<void> }
  | { readonly outcome: "busy" | "failed" | "port_taken"; readonly reason: string };

/** Without any answer for so long, a database that runs is not going to give one. While it recovers, it answers. */
const silentMs = 30_000;
const recoveryMs = 600_000;
const pollMs = 10;

/** Starts the database and waits until it can be used. */
export async function launchPostmaster(cluster: Cluster, port: number, signal: AbortSignal): Promise<Launch> {
  const { dataDir, postgresDir } = cluster.location;
  const logPath = join(postgresDir, "postgres.log");
  await disownStaleNote(dataDir);
  const serverLog = await openServerLog(logPath);
  let child: ChildProcess;
  try {
    child = spawnPostmaster(cluster, port, serverLog.file.fd);
  } finally {
    await serverLog.file.close();
  }
  const exit = Promise.withResolvers<void>();
  let gone: string | undefined;
  child.once("exit", (code, exitSignal) => {
    gone ??= `it ended with ${code === null ? exitSignal : `exit code ${code}`}`;
    exit.resolve();
  });
  child.once("error", (error) => {
    gone ??= error.message;
    exit.resolve();
  });
  child.unref();

  const trouble = await untilReady(cluster, port, { signal, gone: () => gone });
  if (trouble === undefined && child.pid !== undefined) {
    return { outcome: "running", pid: child.pid, exited: exit.promise };
  }
  // Until it has ended, it is what keeps this process waiting.
  child.ref();
  child.kill("SIGINT");
  await exit.promise;
  const said = lastWords(await readServerLog(logPath, serverLog.from));
  return { outcome: outcomeOf(said), reason: said === "" ? (trouble ?? "it did not start") : said };
}

/** In a process group of its own, so that Ctrl-C in a terminal ends our work before it ends the database. */
function spawnPostmaster(cluster: Cluster, port: number, output: number): ChildProcess {
  const { account, dataDir, storageDir } = cluster.location;
  return spawn(cluster.binaries.postgres, postgresArguments(dataDir, port, cluster.settings), {
    cwd: storageDir,
    env: cluster.env,
    detached: true,
    stdio: ["ignore", output, output],
    windowsHide: true,
    ...account,
  });
}

interface Waiting {
  readonly signal: AbortSignal;
  readonly gone: () => string | undefined;
}

/** Undefined once it takes our password; else why not. */
async function untilReady(cluster: Cluster, port: number, waiting: Waiting): Promise<string | undefined> {
  const report = progressReporter(cluster.log, "waiting for the database to start");
  const since = performance.now();
  for (;;) {
    const probe = await probeDatabase({ credentials: cluster.credentials, port, dataDir: cluster.location.dataDir });
    if (waiting.gone() !== undefined) return waiting.gone();
    if (probe.state === "ready" || probe.state === "no_database") return undefined;
    if (waiting.signal.aborted) return "stopped while starting";
    if (saysDiskIsFull(probe.reason)) return probe.reason;
    const waitedMs = performance.now() - since;
    if (waitedMs > (probe.state === "starting" ? recoveryMs : silentMs)) return probe.reason;
    report(probe.reason);
    await delay(pollMs);
  }
}

/** Why it ended; without the answers to our own questions, which would push the reason out of the last lines. */
export function lastWords(log: string): string {
  const lines = log.split("\n").filter((line) => !/the database system is (?:starting|not|shutting)/u.test(line));
  return lines.slice(-5).join("\n");
}

function outcomeOf(said: string): "busy" | "failed" | "port_taken" {
  if (/could not (?:bind|create any TCP)|address already in use/iu.test(said)) return "port_taken";
  if (/pre-existing shared memory|lock file .* already exists/iu.test(said)) return "busy";
  return "failed";
}
