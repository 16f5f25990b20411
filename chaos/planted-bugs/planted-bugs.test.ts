import { afterAll, beforeAll, expect, test } from "vitest";
import { exercises } from "../exercises.ts";
import { detectorNames } from "./detector.ts";
import { type PlantedBug, readPlantedBugs } from "./planted-bug.ts";
import { TreeCopy } from "./tree-copy.ts";

let copy: TreeCopy;
let bugs: readonly PlantedBug[];

beforeAll(async () => {
  [copy, bugs] = await Promise.all([TreeCopy.make(), readPlantedBugs()]);
});

afterAll(() => copy.close());

test("every planted bug still fits the tree, and can be taken out again", async () => {
  expect(bugs.length).toBeGreaterThanOrEqual(20);
  const unfit: string[] = [];
  for (const { name, patchFile } of bugs) {
    try {
      await copy.apply(patchFile);
      await copy.revert(patchFile);
    } catch (error) {
      unfit.push(`${name}: ${String(error)}`);
    }
  }
  expect(unfit).toEqual([]);
});

test("every detector that a bug names is one, and one that can be run", () => {
  expect(bugs.flatMap(({ detectors }) => detectors.filter((name) => !detectorNames.includes(name)))).toEqual([]);
  expect(detectorNames.filter((name) => !(name in exercises))).toEqual([]);
});
