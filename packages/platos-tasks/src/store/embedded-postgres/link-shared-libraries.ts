import { lstat, readFile, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

interface LibraryLink {
  readonly source: string;
  readonly target: string;
}

/**
 * Makes the links between shared libraries that npm packages cannot hold. The platform package lists them and makes
 * them in its install script, which many installations block. False when some are missing and cannot be made here.
 */
export async function linkSharedLibraries(nativeDir: string): Promise<boolean> {
  const results = await Promise.all((await listedLinks(nativeDir)).map((link) => ensureLink(nativeDir, link)));
  return results.every(Boolean);
}

async function listedLinks(nativeDir: string): Promise<readonly LibraryLink[]> {
  let text: string;
  try {
    text = await readFile(join(nativeDir, "pg-symlinks.json"), "utf8");
  } catch {
    return []; // Windows has no such links.
  }
  return JSON.parse(text) as readonly LibraryLink[];
}

/** Listed paths begin with `native/`; source and target are neighbours. */
async function ensureLink(nativeDir: string, link: LibraryLink): Promise<boolean> {
  const path = join(dirname(nativeDir), link.target);
  try {
    await lstat(path);
    return true;
  } catch {
    // Missing: made below.
  }
  try {
    await symlink(basename(link.source), path);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EEXIST";
  }
}
