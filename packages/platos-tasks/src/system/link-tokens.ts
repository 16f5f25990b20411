import { createHmac, randomBytes } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PlatosError } from "../core/errors.ts";
import type { Links } from "../core/ports/links.ts";

/** Derives each token from one secret of this installation. */
export function createLinks(secret: string): Links {
  return {
    tokenOf: (waitpointId) => createHmac("sha256", secret).update(`waitpoint-link:${waitpointId}`).digest("base64url"),
  };
}

/** The secret that this machine's processes share, made at the first call; only its owner can read the file. */
export async function readLinkSecret(homeDir: string): Promise<string> {
  const path = join(homeDir, "link-secret");
  try {
    for (;;) {
      const found = await readSecret(path);
      if (found !== null) return found;
      await makeSecret(homeDir, path);
    }
  } catch (error) {
    throw unusable(path, error);
  }
}

async function makeSecret(homeDir: string, path: string): Promise<void> {
  await mkdir(homeDir, { recursive: true });
  const draft = `${path}.${process.pid}.${randomBytes(6).toString("hex")}`;
  try {
    // On the disk before it has its name: a secret that a power cut left empty would be everybody's.
    await writeFile(draft, randomBytes(32).toString("base64url"), { mode: 0o600, flush: true });
    // Of two processes that start at once the first one's file stays, whole.
    await link(draft, path).catch((error: unknown) => {
      if (!isCode(error, "EEXIST")) throw error;
    });
  } finally {
    await rm(draft, { force: true });
  }
}

function unusable(path: string, error: unknown): PlatosError {
  const said = error instanceof Error ? error.message : String(error);
  return new PlatosError(
    "store.unavailable",
    `The secret of links, ${path}, could not be read or made: ${said}. Make room if the disk is full, see that the folder can be written, or set PLATOS_LINK_SECRET.`,
    { cause: error },
  );
}

async function readSecret(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isCode(error, "ENOENT")) return null;
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
