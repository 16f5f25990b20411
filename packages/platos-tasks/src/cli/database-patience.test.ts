import { expect, test } from "vitest";
import { PlatosError } from "../core/errors.ts";
import { DatabasePatience } from "./database-patience.ts";

const away = new PlatosError("store.unavailable", "The database is away.", { retryable: true });

/** A patience whose minutes pass at once, and what it has said. */
function patient(isStopping = (): boolean => false): {
  patience: DatabasePatience;
  said: string[];
  passedMs(): number;
} {
  const said: string[] = [];
  let nowMs = 0;
  const clock = {
    now: () => new Date(nowMs),
    sleep: async (ms: number) => {
      nowMs += ms;
    },
  };
  const patience = new DatabasePatience({ clock, complain: (line) => said.push(line), isStopping });
  return { patience, said, passedMs: () => nowMs };
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
  const { patience, said } = patient();
  expect(await patience.run(failing(3))).toBe("done");
  expect(await patience.run(failing(2))).toBe("done");
  expect(said).toEqual(["The database is away. Waiting for it, up to 60 seconds."]);
});

test("all steps of one start wait for a minute together, then the last failure is told", async () => {
  const { patience, passedMs } = patient();
  await patience.run(failing(100));
  await expect(patience.run(failing(100))).rejects.toBe(away);
  expect(passedMs()).toBe(60_000);
});

test.each([
  ["what waiting cannot mend", new PlatosError("store.unavailable", "It is too old.")],
  [
    "a commit that may have happened",
    new PlatosError("store.commit_unknown", "Lost while committing.", { retryable: true }),
  ],
  ["a bug", new Error("a bug")],
])("%s fails at once", async (_what, error) => {
  const { patience, said } = patient();
  await expect(patience.run(failing(1, error))).rejects.toBe(error);
  expect(said).toEqual([]);
});

test("whoever is told to stop waits no longer", async () => {
  const { patience, said } = patient(() => true);
  await expect(patience.run(failing(1))).rejects.toBe(away);
  expect(said).toEqual([]);
});
