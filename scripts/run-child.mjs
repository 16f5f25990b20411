import { spawn } from "node:child_process";
import { constants } from "node:os";

/** Children that are alive, so that a signal to this process can reach them. */
const running = new Set();

/** A signal often comes twice, from the process group and from npm. A child is told once. */
const repeatWithinMs = 1000;
const toldAtMs = new Map();

/** The signal that asked this process to stop, or null. */
let stopSignal = null;

export function stopRequested() {
  return stopSignal !== null;
}

/**
 * Runs a command with inherited output and resolves with its exit code; a death by signal n gives 128 + n, as in a shell.
 * `options` are those of `child_process.spawn`, plus `label` for the message when it cannot be started.
 */
export function runChild(command, args, { label = command, ...options } = {}) {
  if (stopSignal) return Promise.resolve(128 + constants.signals[stopSignal]);
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: "inherit", ...options });
    running.add(child);
    child.once("error", (error) => {
      running.delete(child);
      console.error(`Could not run ${label}: ${error.message}`);
      resolve(127);
    });
    child.once("exit", (code, signal) => {
      running.delete(child);
      resolve(signal ? 128 + constants.signals[signal] : code);
    });
  });
}

/** Runs children side by side; the first to end takes the others with it, and its exit code counts. */
export async function runTogether(starts) {
  const runs = starts.map((start) => start());
  const code = await Promise.race(runs);
  for (const child of running) child.kill("SIGTERM");
  await Promise.all(runs);
  return code;
}

/**
 * Passes a stop on to the children and waits for them, instead of dying before they are done.
 * Children share the process group: a terminal's Ctrl-C reaches them directly, so it is not passed on a second time
 * (npm passes it on as well). Without a terminal the signal may have been meant for this process alone.
 */
export function forwardSignals() {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => stop(signal, { tell: signal !== "SIGINT" || !process.stdin.isTTY }));
  }
  if (process.env.npm_lifecycle_script?.includes("scripts/run.mjs")) stopWithNpm();
}

/** Under npm the parent stays as long as it is wanted. One that is gone was killed and could pass nothing on. */
function stopWithNpm() {
  const npm = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === npm) return;
    clearInterval(timer);
    stop("SIGTERM", { tell: true });
  }, 250);
  timer.unref();
}

function stop(signal, { tell }) {
  stopSignal = signal;
  if (running.size === 0) process.exit(128 + constants.signals[signal]);
  const isRepeat = performance.now() - (toldAtMs.get(signal) ?? -Infinity) < repeatWithinMs;
  if (!tell || isRepeat) return;
  toldAtMs.set(signal, performance.now());
  for (const child of running) child.kill(signal);
}
