import { spawn } from "node:child_process";

/** The operating-system user a program runs as, when it is not our own. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

export interface ProgramOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly account?: Account | undefined;
}

export interface ProgramResult {
  /** Exit code; null when it never ran or a signal ended it. */
  readonly code: number | null;
  /** The last 16,000 characters of stdout and stderr together. */
  readonly output: string;
  /** Why it could not be started at all (`ENOENT`, `EACCES` …). */
  readonly spawnError: NodeJS.ErrnoException | undefined;
}

const keptOutput = 16_000;

/** Runs a program to its end. Never rejects: the caller reads the result. */
export async function runProgram(
  file: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<ProgramResult> {
  const { promise, resolve } = Promise.withResolvers<ProgramResult>();
  let output = "";
  const child = spawn(file, args, {
    cwd: options.cwd ?? "/",
    env: options.env,
    stdio: ["ignore", "pipe", "pipe"],
    windowsHide: true,
    ...options.account,
  });
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString("utf8")).slice(-keptOutput);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  child.on("error", (error) => resolve({ code: null, output, spawnError: error }));
  child.on("close", (code) => resolve({ code, output, spawnError: undefined }));
  return promise;
}

/**
 * The variables database programs get: a short list, because `PGPORT` and its like would change what they do, and
 * because a process's environment can be read where provider keys have no business.
 */
export function programEnvironment(baseEnv: Readonly<Record<string, string | undefined>>): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { LC_ALL: "C", TZ: "UTC" };
  for (const name of ["PATH", "Path", "TMPDIR", "TEMP", "TMP", "SystemRoot", "SystemDrive", "ComSpec"]) {
    const value = baseEnv[name];
    if (value !== undefined) env[name] = value;
  }
  return env;
}
