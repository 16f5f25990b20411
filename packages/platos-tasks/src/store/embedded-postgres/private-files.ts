import { chmod, chown, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { Account } from "./run-program.ts";

/**
 * Writes a file that only its owner can read, whole or not at all, and on the disk when this resolves. One writer at a
 * time: what one that was killed has left is replaced.
 */
export async function writePrivateFile(path: string, text: string, owner?: Account): Promise<void> {
  const temporary = `${path}.new`;
  try {
    await rm(temporary, { force: true });
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(text);
      if (owner !== undefined) await file.chown(owner.uid, owner.gid);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Makes renames in a folder survive a power cut. Where folders cannot be opened (Windows) there is nothing to do. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Makes a folder if it is missing; the mode (and owner) is given to a new one only, never to somebody's existing one. */
export async function makeFolder(path: string, mode: number, owner?: Account): Promise<void> {
  const created = await mkdir(path, { recursive: true, mode });
  if (created === undefined) return;
  // The process' umask may have taken bits away.
  await chmod(path, mode);
  if (owner !== undefined) await chown(path, owner.uid, owner.gid);
}
