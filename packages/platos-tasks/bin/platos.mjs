#!/usr/bin/env node
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `platos needs Node 22.18 or newer; this is ${process.versions.node}. Install a newer Node and try again.`,
  );
  process.exit(1);
}

// The published package holds no sources. In a checkout they are run as they are: a build there may be out of date.
const source = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));
if (existsSync(source)) runFromSource();
else await import("../dist/cli/main.js");

/** Runs the sources in a child, since only a new process can choose the export condition they need. */
function runFromSource() {
  const child = spawn(process.execPath, ["--conditions=platos-source", source, ...process.argv.slice(2)], {
    stdio: "inherit",
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      // A terminal's Ctrl-C has reached the child already.
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.once("exit", (code, signal) => {
    process.exitCode = signal ? 128 + constants.signals[signal] : (code ?? 1);
  });
}
