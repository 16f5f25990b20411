import { existsSync, readFileSync } from "node:fs";
import { delimiter, join, sep } from "node:path";
import { runChild } from "./run-child.mjs";

/** Installs what package-lock.json asks for, unless it is there already. Resolves with an exit code. */
export async function ensureInstalled(root) {
  if (isInstalled(root)) return 0;
  console.log("Installing dependencies (npm ci): once after a clone, and again when package-lock.json changes.");
  const { command, args, env } = npmOutside(root);
  const code = await runChild(
    command,
    [...args, "ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"],
    { cwd: root, env, label: "npm", shell: process.platform === "win32" && command === "npm" },
  );
  if (code !== 0 && code < 128) {
    console.error(
      `\nnpm ci failed with exit code ${code}; its own message is above.\n` +
        "It needs a reachable npm registry (npm config get registry) and about 1 GB of disk. Put that right, then run the same command again.",
    );
  }
  return code;
}

/** True when npm's record of what it installed holds every package of package-lock.json at the same version. */
export function isInstalled(root) {
  const wanted = readPackages(join(root, "package-lock.json"));
  const installed = readPackages(join(root, "node_modules", ".package-lock.json"));
  if (!wanted || !installed) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.includes("node_modules/")) return true;
    const found = installed[path];
    // Packages for other platforms are optional and stay away.
    if (!found) return entry.optional === true || entry.devOptional === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages;
  } catch {
    return undefined;
  }
}

/**
 * npm without anything from node_modules, which `npm ci` deletes first: under `npm start` both the Node that runs npm and
 * the first entry of PATH may live there.
 */
function npmOutside(root) {
  const modules = join(root, "node_modules") + sep;
  const path = (process.env.PATH ?? "").split(delimiter).filter((entry) => !`${entry}${sep}`.startsWith(modules));
  const env = { ...process.env, PATH: path.join(delimiter) };
  const { npm_execpath: npm, npm_node_execpath: node } = process.env;
  const usable = npm && node && /npm-cli\.[cm]?js$/.test(npm) && existsSync(npm) && !node.startsWith(modules);
  return usable && existsSync(node) ? { command: node, args: [npm], env } : { command: "npm", args: [], env };
}
