import type { RuntimePorts } from "../../packages/platos-tasks/src/runtime.ts";
import { failingEngine } from "./failing-engine.ts";
import { failingModel, failingTool } from "./failing-outside.ts";
import { failingStore } from "./failing-store.ts";
import type { FailpointGate } from "./failpoint-gate.ts";

/** For `RuntimeOptions.decorate`: every call between the parts passes the gate. */
export function failingPorts(ports: RuntimePorts, gate: FailpointGate): RuntimePorts {
  return {
    store: failingStore(ports.store, gate),
    engine: failingEngine(ports.engine, gate),
    model: failingModel(ports.model, gate),
    tools: ports.tools.map((tool) => failingTool(tool, gate)),
    clock: ports.clock,
  };
}
