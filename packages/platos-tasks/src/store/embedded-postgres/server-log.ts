import { constants } from "node:fs";
import { lstat, open, rm, truncate, type FileHandle } from "node:fs/promises";

const maxBytes = 20 * 1024 * 1024;

export interface OpenServerLog {
  readonly file: FileHandle;
  /** Where what is written from now on begins. */
  readonly from: number;
}

/** Opens the database's log for appending, as Postgres' own output. */
export async function openServerLog(path: string): Promise<OpenServerLog> {
  await boundServerLog(path);
  const file = await openForAppending(path).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== "EACCES") throw error;
    // Left by root in a folder that is ours.
    await rm(path);
    return openForAppending(path);
  });
  return { file, from: (await file.stat()).size };
}

/** Not through a link: root may be working in a folder that belongs to somebody else. */
async function openForAppending(path: string): Promise<FileHandle> {
  return open(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0), 0o600);
}

/** Empties a log that has grown past 20 MB; safe while Postgres appends to it. */
export async function boundServerLog(path: string): Promise<void> {
  const size = await lstat(path).then(
    (found) => (found.isFile() ? found.size : 0),
    () => 0,
  );
  if (size > maxBytes) await truncate(path, 0);
}

/** What was logged since an offset, the last few thousand characters of it. */
export async function readServerLog(path: string, from: number): Promise<string> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const start = Math.max(from > size ? 0 : from, size - 8000);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.max(size - start, 1)), { position: start });
    return buffer.toString("utf8", 0, bytesRead).trim();
  } finally {
    await file.close();
  }
}
