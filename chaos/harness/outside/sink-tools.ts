import {
  defineTool,
  type Tool,
  type ToolEffect,
  type ToolSchema,
} from "../../../packages/platos-tasks/src/core/tool.ts";
import type { Effect } from "./effect-sink.ts";

interface SinkInput {
  readonly token: string;
}

const inputSchema: ToolSchema<SinkInput> = {
  "~standard": {
    validate: (value) =>
      typeof value === "object" && value !== null && "token" in value && typeof value.token === "string"
        ? { value: { token: value.token } }
        : { issues: [{ message: "a text is required", path: ["token"] }] },
    jsonSchema: {
      input: () => ({ type: "object", properties: { token: { type: "string" } }, required: ["token"] }),
    },
  },
};

/** One tool of each effect: `sink_once`, `sink_idempotent` and `sink_pure`. Each tells the effect sink that it ran. */
export const sinkToolNames = {
  at_most_once: "sink_once",
  idempotent: "sink_idempotent",
  pure: "sink_pure",
} as const satisfies Record<ToolEffect, string>;

export function createSinkTools(sinkUrl: string): readonly Tool[] {
  return (Object.keys(sinkToolNames) as ToolEffect[]).map((effect) =>
    defineTool({
      name: sinkToolNames[effect],
      description: `Does something that is ${effect}.`,
      effect,
      inputSchema,
      timeoutMs: 30_000,
      async run({ token }, { callKey, bgoId, signal }) {
        const body: Effect = { effect, callKey, bgoId, token };
        const response = await fetch(sinkUrl, { method: "POST", body: JSON.stringify(body), signal });
        return { done: token, status: response.status };
      },
    }),
  );
}
