import { randomBytes } from "node:crypto";
import { chmod, cp, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import type { Log } from "../../core/ports/log.ts";
import { linkSharedLibraries } from "./link-shared-libraries.ts";
import { makeFolder } from "./private-files.ts";

export interface CopyOptions {
  /** The `native` folder of the platform package. */
  readonly from: string;
  readonly intoDir: string;
  readonly version: string;
  readonly log: Log;
}

/**
 * Copies the programs to where everybody can run them, once per version, and answers the copy's `native` folder.
 * It appears by a rename, so a copy that exists is whole.
 */
export async function copyBinaries(options: CopyOptions): Promise<string> {
  const home = join(options.intoDir, `programs-${options.version}`);
  const copy = join(home, "native");
  if (await exists(copy)) return copy;
  options.log.info(
    `copying the database programs to ${home}, because the user that Postgres runs as cannot reach them`,
  );
  await makeFolder(options.intoDir, 0o755);
  const temporary = `${home}.${randomBytes(6).toString("hex")}`;
  try {
    await makeFolder(temporary, 0o755);
    await cp(options.from, join(temporary, "native"), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => extname(path) !== ".a", // for linking programs, not for running them
    });
    await makeReadable(temporary);
    await linkSharedLibraries(join(temporary, "native"));
    await rename(temporary, home);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    // Another supervisor may have been first.
    if (!(await exists(copy))) throw error;
  }
  return copy;
}

async function makeReadable(root: string): Promise<void> {
  await chmod(root, 0o755);
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const program = dirname(join(entry.parentPath, entry.name)).endsWith("bin");
    await chmod(join(entry.parentPath, entry.name), entry.isDirectory() || program ? 0o755 : 0o644);
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
