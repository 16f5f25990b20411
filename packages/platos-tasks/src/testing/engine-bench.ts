import type { OwnerKind } from "../core/journal.ts";
import type { DeliveryControls, Engine, Segment } from "../core/ports/engine.ts";
import type { SqlExecutor } from "../core/ports/store.ts";
import { systemIdentity } from "../system/system-identity.ts";
import { createGate, type Gate } from "./gate.ts";
import { eventually } from "./test-runtime.ts";

/** A database of its own with as many engines on it as a test wants. */
export interface EngineTestbed {
  /** One more engine, as another process would have it. `isDeaf`: no hint reaches it or leaves it. */
  open(options: { readonly slots: Readonly<Record<OwnerKind, number>>; readonly isDeaf?: boolean }): Promise<Engine>;
  transaction<Result>(run: (tx: SqlExecutor) => Promise<Result>): Promise<Result>;
  /** Makes every lease that is held now run out, also those whose holder still lives. */
  expireLeases(): Promise<void>;
  close(): Promise<void>;
}

/** One call of a handler. */
export interface Delivery {
  readonly segment: Segment;
  readonly controls: DeliveryControls;
  readonly by: Engine;
  /** Open it to let the handler return. */
  readonly gate: Gate;
}

/** Engines on one testbed, and all that they have delivered. */
export class EngineBench {
  readonly testbed: EngineTestbed;
  readonly deliveries: Delivery[] = [];
  readonly #running = new Set<Engine>();

  constructor(testbed: EngineTestbed) {
    this.testbed = testbed;
  }

  /** An engine with two slots of each kind that notes each delivery, runs `during`, by default completes at once. */
  async start(
    options: { readonly slots?: number; readonly isDeaf?: boolean } = {},
    during: (delivery: Delivery) => Promise<void> = (delivery) => this.complete(delivery),
  ): Promise<Engine> {
    const slots = options.slots ?? 2;
    const engine = await this.testbed.open({ slots: { bgo: slots, turn: slots }, isDeaf: options.isDeaf ?? false });
    this.#running.add(engine);
    await engine.start(async (segment, controls) => {
      const delivery = { segment, controls, by: engine, gate: createGate() };
      this.deliveries.push(delivery);
      await during(delivery);
    });
    return engine;
  }

  async stop(engine: Engine, graceMs: number): Promise<void> {
    this.#running.delete(engine);
    await engine.stop({ graceMs });
  }

  async enqueue(engine: Engine, ownerKind: OwnerKind = "bgo"): Promise<Segment> {
    const segment = newSegment(ownerKind);
    await this.testbed.transaction((tx) => engine.enqueue(tx, segment));
    engine.wake(ownerKind);
    return segment;
  }

  async cancel(engine: Engine, segment: Segment): Promise<void> {
    await this.testbed.transaction((tx) => engine.cancel(tx, segment));
    engine.interrupt(segment);
  }

  async complete({ controls }: Delivery): Promise<void> {
    await this.testbed.transaction((tx) => controls.complete(tx));
  }

  deliveriesOf(segment: Segment): readonly Delivery[] {
    return this.deliveries.filter((each) => each.segment.id === segment.id);
  }

  /** Waits until the segment was delivered that often. */
  delivered(segment: Segment, times: number = 1): Promise<Delivery> {
    return eventually(`delivery ${times} of a segment`, async () => this.deliveriesOf(segment)[times - 1]);
  }

  settled(engine: Engine, segment: Segment): Promise<boolean> {
    return eventually("a segment to be done", async () => (await engine.describe(segment)).state === "done");
  }

  async close(): Promise<void> {
    for (const { gate } of this.deliveries) gate.open();
    await Promise.all([...this.#running].map((engine) => engine.stop({ graceMs: 1000 })));
    await this.testbed.close();
  }
}

export function newSegment(ownerKind: OwnerKind): Segment {
  const ownerId = systemIdentity.newId(ownerKind);
  return { id: systemIdentity.newSegmentId(), ownerId, ownerKind };
}
