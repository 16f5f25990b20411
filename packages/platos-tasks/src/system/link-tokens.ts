import { createHmac, randomBytes } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
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
  const found = await readSecret(path);
  if (found !== null) return found;
  await mkdir(homeDir, { recursive: true });
  const draft = `${path}.${process.pid}.${randomBytes(6).toString("hex")}`;
  await writeFile(draft, randomBytes(32).toString("base64url"), { mode: 0o600 });
  // Of two processes that start at once the first one's file stays, whole.
  await link(draft, path).catch((error: unknown) => {
    if (!isCode(error, "EEXIST")) throw error;
  });
  await rm(draft);
  return (await readSecret(path)) ?? readLinkSecret(homeDir);
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
