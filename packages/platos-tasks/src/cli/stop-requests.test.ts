import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { StopRequests } from "./stop-requests.ts";

let stops: StopRequests;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
  stops = new StopRequests();
});

afterEach(() => {
  stops.close();
  vi.useRealTimers();
});

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  return Promise.race([promise.then(() => true), Promise.resolve(false).then((no) => no)]);
}

test("the first signal asks to stop, and one that comes with it is the same one", async () => {
  expect(stops.isStopping).toBe(false);
  process.emit("SIGINT", "SIGINT");
  process.emit("SIGTERM", "SIGTERM");
  expect(stops.isStopping).toBe(true);
  expect(await stops.first).toEqual({ signal: "SIGINT" });
  expect(await isSettled(stops.second)).toBe(false);
});

test("a signal that comes later insists", async () => {
  process.emit("SIGINT", "SIGINT");
  vi.advanceTimersByTime(1500);
  process.emit("SIGINT", "SIGINT");
  await expect(stops.second).resolves.toBeUndefined();
});

test("after it was closed, signals are not its business", async () => {
  stops.close();
  expect(process.listeners("SIGHUP")).toHaveLength(0);
});
