import type { CrashKind } from "../harness/postgres/crashing-postgres.ts";
import type { PostgresFault } from "../harness/postgres/postgres-proxy.ts";
import { Random } from "../harness/random.ts";

/** Something that is done to the system. Slots number the processes: 0 is the server, workers begin at 1. */
export type Blow =
  | { readonly kind: "terminate_backends"; readonly share: number }
  | { readonly kind: "kill"; readonly slot: number }
  | { readonly kind: "restart"; readonly slot: number }
  | { readonly kind: "freeze"; readonly slot: number; readonly forMs: number }
  | { readonly kind: "disturb"; readonly slot: number; readonly fault: PostgresFault; readonly forMs: number }
  | { readonly kind: "reset_links"; readonly slot: number }
  | { readonly kind: "lose_acknowledgements"; readonly slot: number; readonly count: number };

/** A crash of the database, a while after it had come back from the one before. */
export interface Crash {
  readonly upMs: number;
  readonly how: CrashKind;
  readonly downMs: number;
}

export type ScheduledBlow = Blow & { readonly atMs: number };

export const workerSlots = 6;
const serverSlot = 0;
const leaseMs = 10_000;

type Draw = (random: Random) => Blow;

interface Stream {
  readonly name: string;
  /** Time from one blow to the next. */
  readonly everyMs: readonly [from: number, to: number];
  readonly draw: Draw;
}

const anyWorker = (random: Random): number => 1 + random.index(workerSlots);
const anyone = (random: Random): number => random.index(workerSlots + 1);

// Each stream draws by itself, so that changing one leaves the others as they were.
const streams: readonly Stream[] = [
  { name: "backends", everyMs: [2500, 6000], draw: (random) => ({ kind: "terminate_backends", share: random.unit() }) },
  { name: "worker kill", everyMs: [500, 950], draw: (random) => ({ kind: "kill", slot: anyWorker(random) }) },
  {
    name: "worker restart",
    everyMs: [12_000, 25_000],
    draw: (random) => ({ kind: "restart", slot: anyWorker(random) }),
  },
  {
    name: "worker freeze",
    everyMs: [20_000, 35_000],
    draw: (random) => ({ kind: "freeze", slot: anyWorker(random), forMs: 2 * leaseMs }),
  },
  { name: "server kill", everyMs: [30_000, 50_000], draw: () => ({ kind: "kill", slot: serverSlot }) },
  { name: "server restart", everyMs: [45_000, 80_000], draw: () => ({ kind: "restart", slot: serverSlot }) },
  { name: "network", everyMs: [3000, 6000], draw: disturbNetwork },
  {
    name: "acknowledgements",
    everyMs: [700, 1500],
    draw: (random) => ({ kind: "lose_acknowledgements", slot: anyone(random), count: 1 + random.index(3) }),
  },
];

const networkFaults = ["latency", "blackhole", "reset", "cut_after"] as const;

function disturbNetwork(random: Random): Blow {
  const slot = anyone(random);
  const forMs = random.between(1000, 6000);
  const how = random.pick(networkFaults);
  if (how === "reset") return { kind: "reset_links", slot };
  if (how === "latency") return { kind: "disturb", slot, forMs, fault: { kind: how, delayMs: random.between(5, 80) } };
  if (how === "blackhole") return { kind: "disturb", slot, forMs, fault: { kind: how } };
  return { kind: "disturb", slot, forMs, fault: { kind: how, bytes: Math.round(random.between(200, 20_000)) } };
}

/**
 * The database's crashes, without end. They follow each other rather than a clock: on a slow machine it recovers slowly,
 * and one that is never up tells nothing.
 */
export function* drawCrashes(seed: number): Generator<Crash, never, undefined> {
  const random = Random.of(seed, "schedule", "database");
  for (;;) {
    const how = random.chance(0.75) ? "immediate" : "kill_postmaster";
    // Now and then it stays away for long.
    const downMs = random.chance(0.02) ? random.between(5000, 10_000) : random.between(0, 200);
    yield { upMs: Math.round(random.between(900, 1700)), how, downMs: Math.round(downMs) };
  }
}

/** Every other blow of a storm, in order. The same seed and length give the same blows at the same times. */
export function drawSchedule(seed: number, lengthMs: number): readonly ScheduledBlow[] {
  const blows = streams.flatMap(({ name, everyMs, draw }) => {
    const random = Random.of(seed, "schedule", name);
    const drawn: ScheduledBlow[] = [];
    for (let atMs = random.between(...everyMs); atMs < lengthMs; atMs += random.between(...everyMs)) {
      drawn.push({ ...draw(random), atMs: Math.round(atMs) });
    }
    return drawn;
  });
  return blows.toSorted((left, right) => left.atMs - right.atMs);
}
