import { statfs } from "node:fs/promises";

const fullWords = /no space left on device|disk quota exceeded|ENOSPC|EDQUOT/iu;

/** Postgres writes ahead in files of 16 MB; with less room than one it may not even begin. */
const leastBytes = 16 * 1024 * 1024;

/** True for what Postgres, initdb and Node say when a disk is full. */
export function saysDiskIsFull(said: string): boolean {
  return fullWords.test(said);
}

/**
 * What to do about a failure: make room when there is none, else what the caller knows. The disk itself is asked as
 * well, because on a full one the log that would tell cannot be written either.
 */
export async function adviceOn(folder: string, said: string, otherwise: string): Promise<string> {
  const isFull = saysDiskIsFull(said) || (await roomIn(folder)) < leastBytes;
  return isFull ? `The disk of ${folder} is full. Make room on it and start again; nothing is lost.` : otherwise;
}

async function roomIn(folder: string): Promise<number> {
  return statfs(folder).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => Number.POSITIVE_INFINITY,
  );
}
