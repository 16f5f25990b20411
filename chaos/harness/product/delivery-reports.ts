import type { Engine } from "../../../packages/platos-tasks/src/core/ports/engine.ts";
import type { ProductMessage } from "./product-messages.ts";

/** The engine, telling of every delivery that it begins and ends. */
export function reportDeliveries(engine: Engine, report: (message: ProductMessage) => void): Engine {
  return {
    name: engine.name,
    enqueue: (tx, ...segments) => engine.enqueue(tx, ...segments),
    wake: (ownerKind) => engine.wake(ownerKind),
    cancel: (tx, ...segments) => engine.cancel(tx, ...segments),
    interrupt: (segment) => engine.interrupt(segment),
    start: (handler) =>
      engine.start(async (segment, controls) => {
        const of = { kind: "delivery", ownerId: segment.ownerId, segmentId: segment.id } as const;
        report({ ...of, phase: "begun" });
        try {
          await handler(segment, controls);
        } finally {
          report({ ...of, phase: "ended" });
        }
      }),
    stop: (options) => engine.stop(options),
    describe: (segment) => engine.describe(segment),
  };
}
