import { setTimeout as delay } from "node:timers/promises";
import { PlatosError } from "../../core/errors.ts";
import type { Cluster } from "./cluster.ts";
import { isPostmasterOf, isProcessRunning } from "./postmaster-pid-file.ts";
import { progressReporter } from "./progress-reporter.ts";
import { runProgram } from "./run-program.ts";

const fastMs = 60_000;
const immediateMs = 10_000;
const pollMs = 10;

/**
 * Ends the database in order: sessions are cut off, everything is written out. One that takes longer than a minute is
 * ended as by a crash, which loses nothing that was committed.
 */
export async function stopPostmaster(cluster: Cluster, pid: number): Promise<void> {
  // Its number may be somebody else's by now.
  if (!(await isPostmasterOf(cluster.location.dataDir, pid, cluster.env))) return;
  await ask(cluster, pid, "fast");
  if (await hasEnded(cluster, pid, fastMs)) return;
  cluster.log.warn("the database did not stop in time; stopping it at once, it will recover at the next start", {
    pid,
  });
  await ask(cluster, pid, "immediate");
  if (await hasEnded(cluster, pid, immediateMs)) return;
  throw new PlatosError("store.unavailable", `The embedded database (process ${pid}) does not stop. End it by hand.`);
}

/** By signal, as pg_ctl does, because it is quicker; Windows has no signals, and pg_ctl knows its way. */
async function ask(cluster: Cluster, pid: number, mode: "fast" | "immediate"): Promise<void> {
  if (process.platform === "win32") {
    const args = ["stop", "-D", cluster.location.dataDir, "-m", mode, "-W"];
    await runProgram(cluster.binaries.pgCtl, args, { env: cluster.env, cwd: cluster.location.storageDir });
    return;
  }
  try {
    process.kill(pid, mode === "fast" ? "SIGINT" : "SIGQUIT");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

async function hasEnded(cluster: Cluster, pid: number, withinMs: number): Promise<boolean> {
  const report = progressReporter(cluster.log, "waiting for the database to stop");
  const until = performance.now() + withinMs;
  while (isProcessRunning(pid)) {
    if (performance.now() > until) return false;
    report("it is writing out what it holds");
    await delay(pollMs);
  }
  return true;
}
