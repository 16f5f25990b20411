import { readFile, stat } from "node:fs/promises";
import { extname, join, resolve, sep } from "node:path";
import type { Context } from "hono";
import { PlatosError } from "../core/errors.ts";

const mediaTypes: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
};

/**
 * Serves the built dashboard: files as they are, its page for every other address, 404 for assets that are not there
 * (a page from an older build must not get HTML for a script).
 */
export function dashboardHandler(dir: string): (c: Context) => Promise<Response> {
  const root = resolve(dir);
  return async (c) => {
    const path = decoded(new URL(c.req.url).pathname);
    const file = resolve(join(root, path));
    const isInside = file.startsWith(root + sep);
    if (isInside && (await isFile(file))) return fileResponse(file, path.startsWith("/assets/"));
    if (path.startsWith("/assets/") || extname(path) !== "") {
      throw new PlatosError(
        "route.not_found",
        `There is no file ${path}. Load the page again: it may be of an older build.`,
      );
    }
    return fileResponse(join(root, "index.html"), false);
  };
}

/** Text with a `%` that stands for nothing names no page and no file. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new PlatosError("route.not_found", `There is nothing at ${path}. Check the address.`);
  }
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isFile() === true;
}

/** Assets carry a hash in their name and never change; the page that names them always may. */
async function fileResponse(path: string, isHashed: boolean): Promise<Response> {
  const content = await readFile(path);
  return new Response(new Uint8Array(content), {
    headers: {
      "content-type": mediaTypes[extname(path)] ?? "application/octet-stream",
      "cache-control": isHashed ? "public, max-age=31536000, immutable" : "no-cache",
    },
  });
}
