import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { inLanes } from "./harness/lanes.ts";
import type { SuiteEntry } from "./suites.ts";

const program = fileURLToPath(new URL("run.ts", import.meta.url));

export interface SuiteOptions {
  readonly seed: number;
  readonly progress: (line: string) => void;
  readonly closing: AsyncDisposableStack;
}

/** More than an exercise takes to end in order. */
const endMs = 25_000;
/** On a slow machine optional exercises are left to a suite that has the time. */
const optionalWithinMs = 5.5 * 60_000;

/**
 * Runs exercises, each in a process of its own: first those that need the whole machine, one after the other, then the rest,
 * some at a time. Gives the names of those that did not pass.
 */
export async function runSuite(entries: readonly SuiteEntry[], options: SuiteOptions): Promise<readonly string[]> {
  const beganMs = performance.now();
  const failed: string[] = [];
  const leftOut: string[] = [];
  const run = async (entry: SuiteEntry, closing: AsyncDisposableStack): Promise<void> => {
    if (closing.disposed) return;
    const isLate = performance.now() - beganMs > optionalWithinMs;
    if (entry.optional === true && isLate) leftOut.push(entry.name);
    else if (!(await hasPassed(entry, { ...options, closing }))) failed.push(entry.name);
  };
  for (const entry of entries.filter(({ alone }) => alone === true)) await run(entry, options.closing);
  await inLanes(entries.filter(({ alone }) => alone !== true).values(), options.closing, run);
  if (leftOut.length > 0) options.progress(`left out for want of time: ${leftOut.join(", ")}`);
  return failed;
}

async function hasPassed(entry: SuiteEntry, { seed, progress, closing }: SuiteOptions): Promise<boolean> {
  const beganMs = performance.now();
  const child = spawn(process.execPath, [...process.execArgv, program, ...argumentsOf(entry, seed)], {
    stdio: "inherit",
  });
  const exited = once(child, "exit") as Promise<[number | null]>;
  const end = async (): Promise<void> => {
    child.kill("SIGTERM");
    const killing = setTimeout(() => child.kill("SIGKILL"), endMs);
    await exited;
    clearTimeout(killing);
  };
  closing.defer(end);
  const { limitMinutes } = entry;
  const limit = limitMinutes === undefined ? undefined : setTimeout(() => void end(), limitMinutes * 60_000);
  const [code] = await exited;
  clearTimeout(limit);
  progress(`${entry.name} took ${Math.round((performance.now() - beganMs) / 1000)} s`);
  return code === 0;
}

function argumentsOf({ name, trials, minutes }: SuiteEntry, seed: number): readonly string[] {
  return [
    "--tier",
    name,
    "--seed",
    String(seed),
    ...(trials === undefined ? [] : ["--trials", String(trials)]),
    ...(minutes === undefined ? [] : ["--minutes", String(minutes)]),
  ];
}
