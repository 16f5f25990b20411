import { expect, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import { SuspectLine } from "./suspect-line.ts";

const never = new AbortController().signal;

/** What has come to its turn so far. */
function enterAll(line: SuspectLine, names: readonly string[], signal = never): Map<string, () => void> {
  const inside = new Map<string, () => void>();
  for (const name of names) void line.enter(signal).then((leave) => inside.set(name, leave));
  return inside;
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("one is let in at a time, in the order in which they came", async () => {
  verifies("P9");
  const inside = enterAll(new SuspectLine(), ["a", "b", "c"]);
  await settled();
  expect([...inside.keys()]).toEqual(["a"]);
  inside.get("a")?.();
  await settled();
  expect([...inside.keys()]).toEqual(["a", "b"]);
  // Leaving twice lets nobody else in.
  inside.get("a")?.();
  await settled();
  expect([...inside.keys()]).toEqual(["a", "b"]);
});

test("who gives up waiting holds nobody back", async () => {
  const line = new SuspectLine();
  const first = await line.enter(never);
  const stop = new AbortController();
  const impatient = enterAll(line, ["b"], stop.signal);
  const patient = enterAll(line, ["c"]);
  stop.abort();
  await settled();
  expect([...impatient.keys(), ...patient.keys()]).toEqual(["b"]);
  impatient.get("b")?.();
  await settled();
  expect(patient.size).toBe(0);
  first();
  await settled();
  expect([...patient.keys()]).toEqual(["c"]);
  const late = await line.enter(AbortSignal.abort());
  late();
  await settled();
  expect(patient.size).toBe(1);
});
