import { type Failpoint, faultsOf } from "../failpoints/failpoint.ts";
import type { Random } from "../harness/random.ts";
import type { SeenPoint } from "../failpoints/failpoint-gate.ts";
import type { WorkloadName } from "./workload.ts";

export interface PlannedTrial {
  readonly workload: WorkloadName;
  readonly failpoint: Failpoint;
}

/** Every fault that there is at every call that a workload was seen to make. */
export function planSweep(workload: WorkloadName, seen: readonly SeenPoint[]): PlannedTrial[] {
  return seen.flatMap(({ name, kind, hits, failed }) =>
    Array.from({ length: hits }, (_none, index) => index + 1).flatMap((hit) =>
      faultsOf[kind]
        .filter(({ moment }) => moment === "before" || moment === "during" || !failed.includes(hit))
        .map((fault) => ({ workload, failpoint: { name, hit, ...fault } })),
    ),
  );
}

/** In an order of chance, of which any beginning is a fair sample. */
export function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = random.index(last + 1);
    [order[last], order[other]] = [order[other] as Item, order[last] as Item];
  }
  return order;
}

/** Calls that either of two runs made: how work side by side interleaves differs from run to run. */
export function joinSeen(one: readonly SeenPoint[], other: readonly SeenPoint[]): SeenPoint[] {
  const joined = new Map(one.map((point) => [point.name, point]));
  for (const point of other) {
    const known = joined.get(point.name);
    if (known === undefined || known.hits < point.hits) joined.set(point.name, point);
  }
  return [...joined.values()];
}
