import { expect, test } from "vitest";
import { PlatosError } from "../core/errors.ts";
import { waitForDatabase, type WaitForDatabaseOptions } from "./wait-for-database.ts";

const away = new PlatosError("store.unavailable", "The database is away.", { retryable: true });

/** Minutes that pass at once, and what is said meanwhile. */
function quickTime(isStopping = (): boolean => false): WaitForDatabaseOptions & { said: string[]; passedMs(): number } {
  const said: string[] = [];
  let nowMs = 0;
  const pause = async (ms: number): Promise<void> => {
    nowMs += ms;
  };
  return {
    complain: (line) => said.push(line),
    isStopping,
    time: { nowMs: () => nowMs, pause },
    said,
    passedMs: () => nowMs,
  };
}

/** Fails `times` times, then gives "done". */
function failing(times: number, error: unknown = away): () => Promise<string> {
  let failed = 0;
  return async () => {
    if (failed === times) return "done";
    failed += 1;
    throw error;
  };
}

test("a database that comes back is waited for, and it is told of once", async () => {
  const time = quickTime();
  expect(await waitForDatabase(failing(3), time)).toBe("done");
  expect(time.said).toEqual(["The database is away. Waiting for it, up to 60 seconds."]);
});

test("a step whose commit was not acknowledged runs again", async () => {
  const unknown = new PlatosError("store.commit_unknown", "Lost while committing.", { retryable: true });
  expect(await waitForDatabase(failing(1, unknown), quickTime())).toBe("done");
});

test("after a minute the last failure is told, and every absence has a minute of its own", async () => {
  const time = quickTime();
  await waitForDatabase(failing(100), time);
  await expect(waitForDatabase(failing(1000), time)).rejects.toBe(away);
  expect(time.passedMs()).toBe(50_000 + 60_000);
});

test.each([
  ["what waiting cannot mend", new PlatosError("store.unavailable", "It is too old.")],
  ["a bug", new Error("a bug")],
])("%s fails at once", async (_what, error) => {
  const time = quickTime();
  await expect(waitForDatabase(failing(1, error), time)).rejects.toBe(error);
  expect(time.said).toEqual([]);
});

test("whoever is told to stop tries no more", async () => {
  let tries = 0;
  const time = quickTime(() => tries === 2);
  const step = async (): Promise<never> => {
    tries += 1;
    throw away;
  };
  await expect(waitForDatabase(step, time)).rejects.toBe(away);
  expect(tries).toBe(2);
});
