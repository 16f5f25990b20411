import type { Engine } from "../../packages/platos-tasks/src/core/ports/engine.ts";
import type { SqlExecutor } from "../../packages/platos-tasks/src/core/ports/store.ts";
import { statementErrors } from "./failing-store.ts";
import type { FailpointGate } from "./failpoint-gate.ts";

/** An engine whose calls are points: they run on the database, so they fail as its statements do. */
export function failingEngine(engine: Engine, gate: FailpointGate): Engine {
  const pass = <Result>(name: string, call: () => Promise<Result>): Promise<Result> =>
    gate.pass({ name: `engine.${name}`, kind: "engine" }, statementErrors, call);
  const passOn = <Result>(tx: SqlExecutor, name: string, call: () => Promise<Result>): Promise<Result> =>
    "lastly" in tx
      ? gate.pass({ name: `engine.${name}`, kind: "engine_in_transaction" }, statementErrors, call)
      : pass(`${name} alone`, call);
  return {
    name: engine.name,
    enqueue: (tx, ...segments) => passOn(tx, "enqueue", () => engine.enqueue(tx, ...segments)),
    wake: (ownerKind) => engine.wake(ownerKind),
    cancel: (tx, ...segments) => passOn(tx, "cancel", () => engine.cancel(tx, ...segments)),
    interrupt: (segment) => engine.interrupt(segment),
    start: (handler) =>
      engine.start((segment, controls) =>
        handler(segment, {
          signal: controls.signal,
          stopping: controls.stopping,
          hurrying: controls.hurrying,
          confirmLease: () => pass("confirmLease", () => controls.confirmLease()),
          holdsLease: () => pass("holdsLease", () => controls.holdsLease()),
          complete: (tx) => passOn(tx, "complete", () => controls.complete(tx)),
        }),
      ),
    stop: (options) => engine.stop(options),
    describe: (segment) => pass("describe", () => engine.describe(segment)),
  };
}
