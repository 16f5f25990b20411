import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";

const minimum = [22, 18];

/** The Node to run the project with: the one from node_modules, else the running one if it is new enough, else null. */
export function findProjectNode(root) {
  const file = process.platform === "win32" ? ["node", "bin", "node.exe"] : [".bin", "node"];
  const own = join(root, "node_modules", ...file);
  if (existsSync(own)) return own;
  if (isNewEnough(process.versions.node)) return process.execPath;
  console.error(
    `This is Node ${process.versions.node}; the project needs ${minimum.join(".")} or newer, and the Node it brings along is not installed.\n` +
      "The usual cause is that npm was told to skip install scripts. Run `npm ci --ignore-scripts=false`, or use a newer Node.",
  );
  return null;
}

function isNewEnough(version) {
  const [major, minor] = version.split(".").map(Number);
  return major > minimum[0] || (major === minimum[0] && minor >= minimum[1]);
}

/** The environment in which `node` and the tools' commands mean those of the project. */
export function projectEnv(root) {
  const bin = join(root, "node_modules", ".bin");
  return { ...process.env, PATH: [bin, process.env.PATH].filter(Boolean).join(delimiter) };
}

/** The JavaScript file behind a tool's command, to be run with the project's Node. */
export function toolFile(root, packageName, command = packageName) {
  const folder = join(root, "node_modules", packageName);
  const { bin } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return join(folder, typeof bin === "string" ? bin : bin[command]);
}
