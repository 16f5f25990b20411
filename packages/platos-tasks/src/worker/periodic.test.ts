import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { silentLog } from "../core/ports/log.ts";
import { createGate } from "../testing/gate.ts";
import { Periodic } from "./periodic.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** Every second; `run` is given which run it is, from 1. */
function everySecond(run: (count: number) => Promise<void> = async () => undefined): {
  periodic: Periodic;
  runs(): number;
} {
  let runs = 0;
  const periodic = new Periodic({
    name: "counting",
    everyMs: 1000,
    log: silentLog,
    run: () => {
      runs += 1;
      return run(runs);
    },
  });
  return { periodic, runs: () => runs };
}

test("the first run comes at once, so that a worker of short life does its share; then one a period", async () => {
  const { periodic, runs } = everySecond();
  periodic.start();
  await vi.advanceTimersByTimeAsync(0);
  expect(runs()).toBe(1);
  await vi.advanceTimersByTimeAsync(2500);
  expect(runs()).toBe(3);
  await periodic.stop();
});

test("a run that takes long is not overtaken by the next one", async () => {
  const gate = createGate();
  const { periodic, runs } = everySecond(() => gate.opened);
  periodic.start();
  await vi.advanceTimersByTimeAsync(5000);
  expect(runs()).toBe(1);
  gate.open();
  await vi.advanceTimersByTimeAsync(1000);
  expect(runs()).toBe(2);
  await periodic.stop();
});

test("a run that fails is tried again after a period", async () => {
  const { periodic, runs } = everySecond(async (count) => {
    if (count === 1) throw new Error("away");
  });
  periodic.start();
  await vi.advanceTimersByTimeAsync(1000);
  expect(runs()).toBe(2);
  await periodic.stop();
});

test("stopping waits for the run that goes on, and none begins after it", async () => {
  const gate = createGate();
  const { periodic, runs } = everySecond(() => gate.opened);
  periodic.start();
  await vi.advanceTimersByTimeAsync(0);
  let isStopped = false;
  const stopped = periodic.stop().then(() => (isStopped = true));
  await vi.advanceTimersByTimeAsync(3000);
  expect(isStopped).toBe(false);
  gate.open();
  await stopped;
  await vi.advanceTimersByTimeAsync(3000);
  expect(runs()).toBe(1);
});
