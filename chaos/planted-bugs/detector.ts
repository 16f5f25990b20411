import { spawn } from "node:child_process";
import { join } from "node:path";

/** One look of one exercise at a copy of the tree. */
export interface Look {
  /** The copy's folder. */
  readonly folder: string;
  readonly seed: number;
  readonly withinMs: number;
}

export type Finding =
  | { readonly kind: "quiet" }
  | { readonly kind: "alarm"; readonly alarm: string }
  /** It did not end in time, which proves nothing. */
  | { readonly kind: "timeout" };

/** How much of each exercise there is in one look: short ones first, so that most bugs are found in seconds. */
const efforts: Readonly<Record<string, readonly string[]>> = {
  T0: ["--trials", "3000"],
  T1: ["--trials", "150"],
  T2: ["--minutes", "1.5"],
  "cancel-against-final": ["--trials", "1000"],
  "commit-ack-dropped": ["--trials", "60"],
  "every-status-cancelled": ["--trials", "5"],
  "reaper-against-completion": ["--trials", "300"],
  "spawn-by-twenty": ["--trials", "100"],
  "two-workers": ["--trials", "30"],
};

export const detectorNames: readonly string[] = [
  "cancel-against-final",
  "every-status-cancelled",
  "spawn-by-twenty",
  "two-intended-spawns",
  "same-key-other-args",
  "caps-under-race",
  "commit-ack-dropped",
  "two-workers",
  "reaper-against-completion",
  "T0",
  "T1",
  "T2",
];

const killAfterMs = 20_000;

/** Runs an exercise on the copy, in a process of its own: what the bug does to it stays there. */
export async function look(name: string, { folder, seed, withinMs }: Look): Promise<Finding> {
  const args = ["--conditions=platos-source", join(folder, "chaos/run.ts"), "--tier", name, "--seed", String(seed)];
  const child = spawn(process.execPath, [...args, ...(efforts[name] ?? [])], {
    cwd: folder,
    // A group of its own, so that nothing that it starts is left behind.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let told = "";
  child.stdout.on("data", (piece: Buffer) => (out += piece.toString()));
  child.stderr.on("data", (piece: Buffer) => (told = (told + piece.toString()).slice(-20_000)));
  let isLate = false;
  const signal = (what: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, what);
    } catch {
      // It has ended meanwhile.
    }
  };
  const timer = setTimeout(() => {
    isLate = true;
    child.kill("SIGTERM");
  }, withinMs);
  const killer = setTimeout(() => signal("SIGKILL"), withinMs + killAfterMs);
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  clearTimeout(timer);
  clearTimeout(killer);
  signal("SIGKILL");
  return findingOf({ name, code, out, told, isLate });
}

interface End {
  readonly name: string;
  readonly code: number | null;
  readonly out: string;
  readonly told: string;
  readonly isLate: boolean;
}

function findingOf({ name, code, out, told, isLate }: End): Finding {
  if (code === 2) throw new Error(`There is no exercise ${name}.`);
  const alarms = alarmsIn(out);
  if (alarms.length > 0) return { kind: "alarm", alarm: alarms[0] ?? "" };
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
