import { PlatosError } from "../../packages/platos-tasks/src/core/errors.ts";
import type { ModelPort, ModelRequest } from "../../packages/platos-tasks/src/core/ports/model.ts";
import type { Tool } from "../../packages/platos-tasks/src/core/tool.ts";
import type { CallErrors, FailpointGate } from "./failpoint-gate.ts";

const modelErrors: CallErrors = {
  refused: () => new PlatosError("model.failed", "A failpoint kept the model from answering.", { retryable: true }),
  lost: () => new PlatosError("model.failed", "A failpoint lost the model's answer.", { retryable: true }),
};

// Not typed on purpose: what a tool's service does to it is nothing that the runtime knows.
const toolErrors: CallErrors = {
  refused: () => new Error("A failpoint kept the tool from its service."),
  lost: () => new Error("A failpoint lost the answer of the tool's service."),
};

/** A model whose calls are points, and each piece of a streamed answer too. */
export function failingModel(model: ModelPort, gate: FailpointGate): ModelPort {
  return {
    respond: (request) =>
      gate.pass({ name: "model.respond", kind: "model" }, modelErrors, () => model.respond(heard(request, gate))),
  };
}

function heard(request: ModelRequest, gate: FailpointGate): ModelRequest {
  const { onText } = request;
  if (onText === undefined) return request;
  return {
    ...request,
    onText(piece) {
      // Pieces are handed over without waiting, so only what acts at once can happen here.
      void gate.enter({ name: "model.text", kind: "text" }, modelErrors).before();
      onText(piece);
    },
  };
}

export function failingTool(tool: Tool, gate: FailpointGate): Tool {
  return {
    ...tool,
    run: (input, context) =>
      gate.pass({ name: `tool.${tool.name}`, kind: "tool" }, toolErrors, () => tool.run(input, context)),
  };
}
