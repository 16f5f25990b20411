import fc from "fast-check";
import { expect, test } from "vitest";
import { checkWorld } from "./check-world.ts";
import type { Program } from "./program.ts";
import { runProgram } from "./run-program.ts";
import type { StoredBgo } from "./simulated-rows.ts";
import type { SimulatedWorld } from "./simulated-world.ts";

const fate = {};
const spawn = { kind: "spawn", thread: 0, key: "a", isLater: false, wakes: false, maxTurns: null } as const;

/** Three BGOs, of which one waits, and a turn that spawns a fourth one, run by one worker without a fault. */
const program: Program = {
  rounds: [
    {
      clients: [
        {
          fate,
          actions: [
            { ...spawn, plan: "BA" },
            { ...spawn, key: null, plan: "GMR" },
            { ...spawn, key: null, plan: "NT" },
            { kind: "post", thread: 0, plan: "S", key: null },
          ],
        },
      ],
      workers: [{ fate, looks: 6 }],
      accidents: [],
    },
  ],
  hintsArrive: true,
  capsAreTight: false,
};

async function settledWorld(): Promise<SimulatedWorld> {
  const [scheduler] = fc.sample(fc.scheduler(), { numRuns: 1, seed: 1 });
  if (scheduler === undefined) throw new Error("There is no scheduler.");
  return runProgram(program, { scheduler, recorder: null });
}

function firstBgo({ database }: SimulatedWorld): StoredBgo {
  const [bgo] = database.rows("bgo");
  if (bgo === undefined) throw new Error("There is no BGO.");
  return bgo;
}

test("a world in which nothing went wrong breaks nothing", async () => {
  const world = await settledWorld();
  expect(world.database.rows("bgo").map(({ status }) => status)).toEqual([
    "completed",
    "completed",
    "completed",
    "completed",
  ]);
  expect([...world.outside.effects.values()]).toEqual([1, 1, 1, 1]);
  expect(checkWorld(world)).toEqual([]);
});

const wakes = (bgo: StoredBgo): StoredBgo => ({ ...bgo, onComplete: "wake" });

const spoils: readonly (readonly [sentence: string, said: RegExp, spoil: (world: SimulatedWorld) => void])[] = [
  ["an acknowledged BGO that is gone", /^I1: .* has no row$/mu, (world) => world.database.committed.bgo.clear()],
  [
    "a second terminal message",
    /^I3: .*\[bgo_completed, bgo_completed\]$/mu,
    (world) => {
      const { message } = world.database.committed;
      const terminal = [...message.values()].find((row) => row.terminal);
      if (terminal !== undefined) message.set("msg_second", { ...terminal, id: "msg_second", seq: message.size + 1 });
    },
  ],
  [
    "a status that its audit does not tell",
    /^I2: .* is failed and its audit says/mu,
    (world) => {
      const bgo = firstBgo(world);
      world.database.committed.bgo.set(bgo.id, { ...bgo, status: "failed" });
    },
  ],
  [
    "a BGO that never ends",
    /^I18: .* is still running$/mu,
    (world) => {
      const bgo = firstBgo(world);
      world.database.committed.bgo.set(bgo.id, { ...bgo, status: "running" });
    },
  ],
  [
    "a step of a superseded epoch",
    /^I6: .* wrote under the epochs/mu,
    (world) => {
      const { step } = world.database.committed;
      const [first] = step.values();
      if (first !== undefined) step.set(first.id, { ...first, epoch: 9 });
    },
  ],
  [
    "a tool result that is missing",
    /^I7: /mu,
    (world) => {
      const { step } = world.database.committed;
      for (const [id, row] of step) if (row.step.kind === "tool_result") step.delete(id);
    },
  ],
  [
    "a result that was to wake its agent and did not",
    /^I18: no turn has read the result of/mu,
    (world) => {
      for (const [id, bgo] of world.database.committed.bgo) world.database.committed.bgo.set(id, wakes(bgo));
    },
  ],
  [
    "an at-most-once call that ran twice",
    /^I8: .* ran 2 times$/mu,
    ({ outside }) => {
      for (const call of outside.effects.keys()) outside.effects.set(call, 2);
    },
  ],
  [
    "more model calls than a budget allows",
    /^I12: .* made 51 model calls of 50$/mu,
    (world) => {
      const bgo = firstBgo(world);
      world.database.committed.bgo.set(bgo.id, { ...bgo, modelCalls: 51 });
    },
  ],
  [
    "a cancel that was told something else",
    /^I2: a cancel was told cancelled; it is completed$/mu,
    (world) => void world.told.cancelled.push({ bgoId: firstBgo(world).id, outcome: "cancelled" }),
  ],
  [
    "an answer that was acknowledged and did not stand",
    /^I10: "yes" was acknowledged to .*, which is timed_out$/mu,
    ({ told, database }) => {
      const wait = database.rows("waitpoint").find(({ status }) => status === "timed_out");
      told.answered.push({ waitpointId: wait?.id ?? "", resolution: "yes" });
    },
  ],
  [
    "a BGO that went on with something else than its wait ended with",
    /^I10: .* is completed, and its BGO went on with .*"timed_out"/mu,
    ({ database: { committed } }) => {
      for (const [id, wait] of committed.waitpoint) committed.waitpoint.set(id, { ...wait, status: "completed" });
    },
  ],
];

test.each(spoils)("%s is told", async (_sentence, said, spoil) => {
  const world = await settledWorld();
  spoil(world);
  expect(checkWorld(world).join("\n")).toMatch(said);
});
