import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runProgram } from "./run-program.ts";

/** What Postgres notes about itself while it runs (storage/pidfile in its source). */
export interface PostmasterNote {
  readonly pid: number;
  readonly port: number | undefined;
}

const fileName = "postmaster.pid";

export async function readPostmasterNote(dataDir: string): Promise<PostmasterNote | undefined> {
  const text = await readFile(join(dataDir, fileName), "utf8").catch(() => "");
  const [pidLine = "", , , portLine = ""] = text.split("\n");
  // A negative number is a standalone backend: nothing to connect to, and the number is a process all the same.
  const pid = Math.abs(Number.parseInt(pidLine, 10));
  if (!Number.isInteger(pid) || pid === 0) return undefined;
  const port = Number.parseInt(portLine, 10);
  return { pid, port: Number.isInteger(port) ? port : undefined };
}

/**
 * True while a process runs. A zombie does not: in a container whose first process never reaps, a killed Postgres
 * stays in the process table for good.
 */
export function isProcessRunning(pid: number): boolean {
  if (!hasProcess(pid)) return false;
  if (process.platform !== "linux") return true;
  try {
    const status = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The state follows the name, which is in parentheses and may itself hold some.
    return !/^[ZX]/u.test(status.slice(status.lastIndexOf(")") + 2));
  } catch {
    return hasProcess(pid);
  }
}

function hasProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/**
 * Whether the process in the note is the database of this folder. Process numbers are used again, in containers almost
 * at once, so a living process alone says nothing, nor does one that only looks into the folder. Where command lines
 * cannot be read, it is taken for the database.
 */
export async function isPostmasterOf(dataDir: string, pid: number, env: NodeJS.ProcessEnv): Promise<boolean> {
  if (pid === process.pid || !isProcessRunning(pid)) return false;
  const commandLine = await commandLineOf(pid, env);
  return commandLine === undefined || startsServerOf(dataDir, commandLine);
}

/** `postgres -D <dataDir>`, in the ways it can be written; arguments are parted by spaces or by NUL. */
export function startsServerOf(dataDir: string, commandLine: string): boolean {
  const line = `${commandLine.replaceAll("\0", " ")} `;
  return [" -D ", " -D"].some((option) => [" ", "/ "].some((end) => line.includes(`${option}${dataDir}${end}`)));
}

async function commandLineOf(pid: number, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  if (process.platform === "win32") return undefined;
  if (process.platform === "linux") return readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => undefined);
  const listed = await runProgram("ps", ["-ww", "-o", "command=", "-p", String(pid)], { env });
  return listed.code === 0 ? listed.output : undefined;
}

/**
 * Lets Postgres start over a note whose process number now belongs to somebody else. Removing the note would also
 * remove the shared-memory key in it, by which Postgres makes sure that no backend of the dead one is still writing.
 * Its own parent's number is one that it does not mistake for another server, and that parent is us.
 */
export async function disownStaleNote(dataDir: string): Promise<void> {
  const path = join(dataDir, fileName);
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return;
  const pid = Math.abs(Number.parseInt(text, 10));
  if (!Number.isInteger(pid) || pid === process.pid || !hasProcess(pid)) return;
  await writeFile(path, text.replace(/^-?\d+/u, String(process.pid)));
}
