import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { requirements } from "./requirements.ts";
import { verifies } from "./verifies.ts";

const root = new URL("..", import.meta.url);
const citations = readCitations();

test("ids are unique and every gap has a reason", () => {
  const ids = requirements.map((requirement) => requirement.id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(requirements.filter((row) => row.status === "gap" && row.reason === "")).toEqual([]);
});

test("a test that cites an unknown id fails", () => {
  expect(() => verifies("P1", "P0")).toThrow("P0");
});

test("tests cite no id that is not in the list", () => {
  const known = new Set(requirements.map((requirement) => requirement.id));
  const unknown = [...citations].filter(([id]) => !known.has(id)).map(([id, files]) => `${id} in ${files.join(", ")}`);
  expect(unknown).toEqual([]);
});

test("every built behaviour is cited by a test", () => {
  const missing = requirements.filter((row) => row.status === "built" && !citations.has(row.id));
  const list = missing.map((row) => `  ${row.id}  ${row.sentence}`).join("\n");
  expect(missing.length, `cited by no test:\n${list}\n`).toBe(0);
});

// Each gap is an expected failure. The day a test cites it, that expectation breaks and asks for the row to be built.
for (const row of requirements) {
  if (row.status === "built") continue;
  test.fails(`gap ${row.id}: ${row.sentence} (${row.reason})`, () => {
    expect(citations.get(row.id), `${row.id} is cited by no test`).toBeDefined();
  });
}

/** Ids in `verifies("…")` calls of the repository's tests, with the files that cite them. Commented-out lines do not count. */
function readCitations(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  const patterns = [
    "{packages,apps}/*/src/**/*.{test,testsuite}.{ts,tsx}",
    "{benchmarks,examples,scripts}/**/*.test.ts",
  ];
  for (const file of globSync(patterns, { cwd: root })) {
    const source = readFileSync(new URL(file, root), "utf8").replaceAll(/^\s*(?:\/\/|\*|\/\*).*$/gmu, "");
    for (const [, list = ""] of source.matchAll(/\bverifies\(([^)]*)\)/gu)) {
      for (const [, id = ""] of list.matchAll(/["'`]([^"'`]+)["'`]/gu)) {
        found.set(id, [...(found.get(id) ?? []), file]);
      }
    }
  }
  return found;
}
