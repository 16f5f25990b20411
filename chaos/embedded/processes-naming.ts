import { readdir, readFile } from "node:fs/promises";
import { runProgram } from "../../packages/platos-tasks/src/store/embedded-postgres/run-program.ts";

/** Ids of the processes whose command line holds a text, such as a folder that only they can know. */
export async function processesNaming(text: string): Promise<readonly number[]> {
  const found: number[] = [];
  for (const [pid, commandLine] of await commandLines()) {
    if (pid !== process.pid && commandLine.includes(text)) found.push(pid);
  }
  return found;
}

async function commandLines(): Promise<readonly (readonly [number, string])[]> {
  if (process.platform !== "linux") {
    const { output } = await runProgram("ps", ["-axww", "-o", "pid=,command="], { env: process.env });
    return output.split("\n").map((line) => [Number.parseInt(line, 10), line] as const);
  }
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/u.test(name));
  return Promise.all(
    pids.map(async (pid) => [Number(pid), await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")] as const),
  );
}
