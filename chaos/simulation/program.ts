import fc from "fast-check";
import type { CommitFault, FiberFate } from "./fiber.ts";

export type ClientAction =
  | {
      readonly kind: "spawn";
      /** Of the world's threads; null: a new one. */
      readonly thread: number | null;
      readonly key: string | null;
      readonly plan: string;
      readonly isLater: boolean;
      readonly wakes: boolean;
      readonly maxTurns: number | null;
    }
  | { readonly kind: "cancel"; readonly bgo: number }
  | { readonly kind: "post"; readonly thread: number; readonly plan: string; readonly key: string | null }
  | { readonly kind: "answer"; readonly wait: number; readonly value: string }
  | { readonly kind: "delete thread"; readonly thread: number };

/** What happens beside clients and workers: time, the periodic work, and the engine's accidents. */
export type Accident =
  | { readonly kind: "wake due" }
  | { readonly kind: "recover lost" }
  | { readonly kind: "expire lease"; readonly job: number }
  | { readonly kind: "lose job"; readonly job: number }
  | { readonly kind: "stop worker"; readonly worker: number };

export interface ClientProgram {
  readonly actions: readonly ClientAction[];
  readonly fate: FiberFate;
}

export interface WorkerProgram {
  /** How often it looks for a job. */
  readonly looks: number;
  readonly fate: FiberFate;
}

export interface Round {
  readonly clients: readonly ClientProgram[];
  readonly workers: readonly WorkerProgram[];
  readonly accidents: readonly (readonly Accident[])[];
}

/** One history to be run under some schedule. A day passes between two rounds. */
export interface Program {
  readonly rounds: readonly Round[];
  readonly hintsArrive: boolean;
  readonly capsAreTight: boolean;
}

export const threadCount = 2;
const latestDeath = 50;
const latestFault = 8;

const plans = [
  "",
  "P",
  "A",
  "I",
  "AP",
  "B",
  "BA",
  "E",
  "F",
  "G",
  "M",
  "R",
  "RE",
  "PPP",
  "EA",
  "GMR",
  "N",
  "L",
  "T",
  "Q",
  "DA",
  "TQ",
  "PTE",
] as const;
const turnPlans = ["", "S", "SS", "W", "SE", "C", "SC", "A", "F", "WE"] as const;

const fate: fc.Arbitrary<FiberFate> = fc
  .record({
    diesAt: fc.option(fc.integer({ min: 1, max: latestDeath }), { freq: 2 }),
    faults: fc.array(
      fc.tuple(fc.integer({ min: 1, max: latestFault }), fc.constantFrom<CommitFault>("lost", "unheard", "undecided")),
      { maxLength: 2 },
    ),
  })
  .map(({ diesAt, faults }) => ({ ...(diesAt === null ? {} : { diesAt }), faults: new Map(faults) }));

const key = fc.constantFrom("a", "b", null);
const thread = fc.nat({ max: threadCount - 1 });

const action: fc.Arbitrary<ClientAction> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("spawn" as const),
      thread: fc.option(thread, { freq: 4 }),
      key,
      plan: fc.constantFrom(...plans),
      isLater: fc.integer({ min: 0, max: 5 }).map((drawn) => drawn === 0),
      wakes: fc.integer({ min: 0, max: 3 }).map((drawn) => drawn === 0),
      maxTurns: fc.constantFrom(null, null, null, 1, 2),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("cancel" as const), bgo: fc.nat({ max: 5 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("post" as const), thread, plan: fc.constantFrom(...turnPlans), key }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("answer" as const),
      wait: fc.nat({ max: 3 }),
      value: fc.constantFrom("yes", "no"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("delete thread" as const), thread }) },
);

const accident: fc.Arbitrary<Accident> = fc.oneof(
  fc.constant({ kind: "wake due" } as const),
  fc.constant({ kind: "recover lost" } as const),
  // What a worker that lives and has lost its lease may do is what fences are for.
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("expire lease" as const), job: fc.nat({ max: 3 }) }) },
  fc.record({ kind: fc.constant("lose job" as const), job: fc.nat({ max: 3 }) }),
  fc.record({ kind: fc.constant("stop worker" as const), worker: fc.nat({ max: 2 }) }),
);

const round: fc.Arbitrary<Round> = fc.record({
  clients: fc.array(fc.record({ actions: fc.array(action, { minLength: 1, maxLength: 3 }), fate }), {
    minLength: 1,
    maxLength: 3,
  }),
  workers: fc.array(fc.record({ looks: fc.integer({ min: 2, max: 6 }), fate }), { minLength: 1, maxLength: 3 }),
  accidents: fc.array(fc.array(accident, { minLength: 1, maxLength: 4 }), { maxLength: 2 }),
});

export const program: fc.Arbitrary<Program> = fc.record({
  rounds: fc.array(round, { minLength: 1, maxLength: 2 }),
  hintsArrive: fc.boolean(),
  capsAreTight: fc.boolean(),
});
