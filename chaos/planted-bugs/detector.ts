import { type ChildProcess, spawn } from "node:child_process";
import { chmod, glob, mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";

/** One look of one exercise at a copy of the tree. */
export interface Look {
  /** The copy's folder. */
  readonly folder: string;
  readonly seed: number;
  readonly withinMs: number;
  readonly closing: AsyncDisposableStack;
}

export type Finding =
  | { readonly kind: "quiet" }
  | { readonly kind: "alarm"; readonly alarm: string }
  /** It did not end in time, which proves nothing. */
  | { readonly kind: "timeout" };

/** How much of each exercise there is in one look: short ones first, so that most bugs are found in seconds. */
const efforts: Readonly<Record<string, readonly string[]>> = {
  T0: ["--trials", "3000"],
  T1: ["--trials", "60"],
  T2: ["--minutes", "1.5"],
  "cancel-against-final": ["--trials", "1000"],
  "answer-around-suspend": ["--trials", "150"],
  "commit-ack-dropped": ["--trials", "60"],
  "every-status-cancelled": ["--trials", "5"],
  "reaper-against-completion": ["--trials", "300"],
  "restarted-database": ["--trials", "12"],
  "spawn-by-twenty": ["--trials", "100"],
  "three-ends-of-a-wait": ["--trials", "200"],
  "two-workers": ["--trials", "30"],
};

export const detectorNames: readonly string[] = [
  "plain-promises",
  "cancel-against-final",
  "every-status-cancelled",
  "spawn-by-twenty",
  "two-intended-spawns",
  "same-key-other-args",
  "caps-under-race",
  "commit-ack-dropped",
  "crash-count",
  "failed-writes",
  "thread-deleted",
  "ends-in-one-thread",
  "two-workers",
  "reaper-against-completion",
  "several-answers",
  "answer-around-suspend",
  "three-ends-of-a-wait",
  "restarted-database",
  "T0",
  "T1",
  "T2",
];

/** What an exercise says as soon as it sees it; waiting for its end would only cost time. */
const earlyAlarm = /^\S+: alarm: (.+)$/mu;

/** Until one that was told to end is killed: usually, and while somebody waits for us to end. */
const patienceMs = 25_000;
const hurryMs = 15_000;

/** Runs an exercise on the copy, in a process of its own: what the bug does to it stays there. */
export async function look(name: string, { folder, seed, withinMs, closing }: Look): Promise<Finding> {
  const looking = closing.use(new AsyncDisposableStack());
  const temp = await mkdtemp(join(folder, "temp-"));
  // When root looks, the user it lends to Postgres must get through.
  await Promise.all([chmod(folder, 0o711), chmod(temp, 0o711)]);
  looking.defer(async () => {
    await stopPostgresIn(temp);
    await rm(temp, { recursive: true, force: true });
  });
  const end = await run({ name, folder, seed, temp, withinMs, looking });
  await looking.disposeAsync();
  return findingOf(name, end);
}

interface Run {
  readonly name: string;
  readonly folder: string;
  readonly seed: number;
  /** Where it keeps what it makes. */
  readonly temp: string;
  readonly withinMs: number;
  readonly looking: AsyncDisposableStack;
}

interface End {
  readonly code: number | null;
  readonly out: string;
  readonly told: string;
  readonly isLate: boolean;
}

async function run({ name, folder, seed, temp, withinMs, looking }: Run): Promise<End> {
  const args = ["--conditions=platos-source", join(folder, "chaos/run.ts"), "--tier", name, "--seed", String(seed)];
  const child = spawn(process.execPath, [...args, ...(efforts[name] ?? [])], {
    cwd: folder,
    env: { ...process.env, TMPDIR: temp },
    // A group of its own, so that no process of it is left behind.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let told = "";
  let isLate = false;
  const timers: NodeJS.Timeout[] = [];
  const closed = new Promise<number | null>((resolve) => child.once("close", resolve));
  const end = (killAfterMs = patienceMs): void => {
    child.kill("SIGTERM");
    timers.push(setTimeout(() => killGroup(child), killAfterMs));
  };
  looking.defer(async () => {
    if (child.exitCode === null && child.signalCode === null) end(hurryMs);
    await closed;
  });
  timers.push(
    setTimeout(() => {
      isLate = true;
      end();
    }, withinMs),
  );
  child.stdout.on("data", (piece: Buffer) => (out += piece.toString()));
  child.stderr.on("data", (piece: Buffer) => {
    const hadAlarm = earlyAlarm.test(told);
    told += piece.toString();
    if (!hadAlarm && earlyAlarm.test(told)) end();
  });
  const code = await closed;
  for (const timer of timers) clearTimeout(timer);
  killGroup(child);
  return { code, out, told, isLate };
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // All of it has ended.
  }
}

/** Postgres outlives whoever started it, and leads a group of its own. */
async function stopPostgresIn(folder: string): Promise<void> {
  for await (const file of glob("{*,*/*,*/*/*}/postmaster.pid", { cwd: folder })) {
    const [pid] = (await readFile(join(folder, file), "utf8").catch(() => "")).split("\n");
    try {
      if (Number(pid) > 1) process.kill(Number(pid), "SIGQUIT");
    } catch {
      // The file is older than the end of its process.
    }
  }
}

function findingOf(name: string, { code, out, told, isLate }: End): Finding {
  if (code === 2) throw new Error(`There is no exercise ${name}.`);
  const [alarm = earlyAlarm.exec(told)?.[1]] = alarmsIn(out);
  if (alarm !== undefined) return { kind: "alarm", alarm: alarm.replaceAll(/\s+/gu, " ") };
  if (isLate) return { kind: "timeout" };
  if (code === 0) return { kind: "quiet" };
  const why = told.split("\n").findLast((line) => /error/iu.test(line)) ?? `exit code ${code}`;
  return { kind: "alarm", alarm: `it broke down: ${why.trim()}` };
}

/** An exercise prints one JSON document at its end. */
function alarmsIn(out: string): readonly string[] {
  const start = out.indexOf("{");
  if (start === -1) return [];
  try {
    return (JSON.parse(out.slice(start)) as { alarms: string[] }).alarms;
  } catch {
    return [];
  }
}
