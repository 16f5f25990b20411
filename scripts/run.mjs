// What every npm script calls. Plain JavaScript for any Node that npm may run on: it installs what is missing, then runs
// the real command with the Node of node_modules. One process per command on purpose: a shell that has looked up `node`
// once keeps using the old one after the install.
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { buildDashboard, dashboardFolder, hasDashboard, isDashboardFresh } from "./dashboard-build.mjs";
import { ensureInstalled } from "./ensure-installed.mjs";
import { findProjectNode, projectEnv, toolFile } from "./project-node.mjs";
import { forwardSignals, runChild, runTogether, stopRequested } from "./run-child.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const fromSource = "--conditions=platos-source";
const cli = join(root, "packages/platos-tasks/src/cli/main.ts");

const commands = { start, dev, test, check, bench, chaos, fix };

/** A tool of node_modules, run with the project's Node. */
function tool(node, packageName, args, { command, ...options } = {}) {
  return runChild(node, [toolFile(root, packageName, command), ...args], {
    label: packageName,
    ...childOptions(),
    ...options,
  });
}

function childOptions() {
  return { cwd: root, env: projectEnv(root) };
}

function viteBuild(node, args) {
  return tool(node, "vite", ["build", ...args], { cwd: dashboardFolder(root) });
}

async function start(node, args) {
  if (hasDashboard(root) && !isDashboardFresh(root)) {
    console.log("Building the dashboard: once, and again when its sources change.");
    const code = await buildDashboard(root, () => viteBuild(node, ["--logLevel", "warn"]));
    if (stopRequested()) return code;
    if (code !== 0) console.error("The dashboard could not be built (see above). Starting without a fresh one.");
  }
  const preload = pathToFileURL(join(root, "scripts/stop-with-parent.mjs")).href;
  return runChild(node, ["--import", preload, fromSource, cli, "dev", ...args], {
    cwd: root,
    env: { ...projectEnv(root), STOP_WITH_PARENT_PID: String(process.pid) },
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    label: "the server",
  });
}

function dev(node, args) {
  const server = () =>
    runChild(node, ["--watch", "--watch-preserve-output", fromSource, cli, "dev", ...args], childOptions());
  const dashboard = () => viteBuild(node, ["--watch", "--logLevel", "warn"]);
  return runTogether(hasDashboard(root) ? [server, dashboard] : [server]);
}

function test(node, args) {
  return tool(node, "vitest", ["run", ...args]);
}

/** Everything that must hold before a change goes in. Runs all steps, then names the ones that failed. */
async function check(node, args) {
  const steps = {
    format: () => tool(node, "oxfmt", ["--check", "."]),
    lint: () => tool(node, "oxlint", ["--type-aware", "--deny-warnings"]),
    types: () => tool(node, "typescript", ["-b"], { command: "tsc" }),
    dashboard: () => (hasDashboard(root) ? buildDashboard(root, () => viteBuild(node, ["--logLevel", "warn"])) : 0),
    tests: () => test(node, []),
  };
  if (args.includes("--no-tests")) delete steps.tests;
  const failed = [];
  for (const [name, step] of Object.entries(steps)) {
    console.log(`\ncheck: ${name}`);
    const code = await step();
    if (stopRequested()) return code;
    if (code !== 0) failed.push(name);
  }
  console.log(`\ncheck: ${failed.length === 0 ? "all passed" : `failed: ${failed.join(", ")}`}`);
  return failed.length === 0 ? 0 : 1;
}

function bench(node, args) {
  return runChild(node, [fromSource, join(root, "benchmarks/run.ts"), ...args], childOptions());
}

function chaos(node, args) {
  return runChild(node, [fromSource, join(root, "chaos/run.ts"), ...args], childOptions());
}

async function fix(node) {
  const format = await tool(node, "oxfmt", ["."]);
  return stopRequested() ? format : (await tool(node, "oxlint", ["--fix"])) || format;
}

async function main([name = "", ...args]) {
  const command = commands[name];
  if (!command) {
    console.error(`Unknown command "${name}". Use one of: ${Object.keys(commands).join(", ")}.`);
    return 2;
  }
  const installed = await ensureInstalled(root);
  if (installed !== 0) return installed;
  const node = findProjectNode(root);
  return node ? command(node, args) : 1;
}

forwardSignals();
process.exitCode = await main(process.argv.slice(2));
