import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { SuiteEntry } from "./suites.ts";

const program = fileURLToPath(new URL("run.ts", import.meta.url));

/** Runs exercises one after the other, each in a process of its own; gives the names of those that did not pass. */
export async function runSuite(entries: readonly SuiteEntry[], seed: number): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const entry of entries) {
    const child = spawn(process.execPath, [...process.execArgv, program, ...argumentsOf(entry, seed)], {
      stdio: "inherit",
      killSignal: "SIGKILL",
      timeout: (entry.limitMinutes ?? 0) * 60_000,
    });
    const [code] = (await once(child, "exit")) as [number | null];
    if (code !== 0) failed.push(entry.name);
  }
  return failed;
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
