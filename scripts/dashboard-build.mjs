import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const sources = ["apps/dashboard", "packages/client/src"];
const skipped = new Set(["dist", "node_modules"]);

export function dashboardFolder(root) {
  return join(root, "apps", "dashboard");
}

export function hasDashboard(root) {
  return existsSync(join(dashboardFolder(root), "index.html"));
}

/** True when the build was made from the sources as they are now. */
export function isDashboardFresh(root) {
  if (!existsSync(join(dashboardFolder(root), "dist", "index.html"))) return false;
  try {
    return readFileSync(stampFile(root), "utf8") === sourceStamp(root);
  } catch {
    return false;
  }
}

/** Builds with `build()` (resolves with an exit code) and remembers the sources it was made from. */
export async function buildDashboard(root, build) {
  const stamp = sourceStamp(root);
  const code = await build();
  if (code === 0) {
    mkdirSync(dirname(stampFile(root)), { recursive: true });
    writeFileSync(stampFile(root), stamp);
  }
  return code;
}

// Inside node_modules on purpose: a new install of the libraries asks for a new build.
function stampFile(root) {
  return join(root, "node_modules", ".cache", "platos", "dashboard-sources");
}

/** Changes when a source file is added, removed or touched. Reads no contents: it runs at every start. */
function sourceStamp(root) {
  const hash = createHash("sha256");
  for (const source of sources) addFolder(hash, join(root, source));
  return hash.digest("hex");
}

function addFolder(hash, folder) {
  if (!existsSync(folder)) return;
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!skipped.has(entry.name)) addFolder(hash, path);
    } else {
      const { size, mtimeMs } = statSync(path);
      hash.update(`${path}\0${size}\0${mtimeMs}\n`);
    }
  }
}
