import type { Json } from "../core/json.ts";
import { defineTool, type Tool, type ToolEffect, type ToolSchema } from "../core/tool.ts";

/** Takes any object, as a schema library would say it. */
const anyObject: ToolSchema<Record<string, Json>> = {
  "~standard": {
    validate: (value) => ({ value: value as Record<string, Json> }),
    jsonSchema: { input: () => ({ type: "object" }) },
  },
};

/** One run of a tool: what an outside service would have seen. */
export interface ToolRun {
  readonly tool: string;
  readonly callKey: string;
  readonly bgoId: string | null;
  readonly input: Readonly<Record<string, Json>>;
}

/** Tools named after their effect that note each run and answer with their input. */
export function countingTools(): { readonly tools: readonly Tool[]; readonly runs: ToolRun[] } {
  const runs: ToolRun[] = [];
  const effects: readonly ToolEffect[] = ["pure", "idempotent", "at_most_once"];
  const tools = effects.map((effect) =>
    defineTool({
      name: effect,
      description: `does something ${effect}`,
      effect,
      inputSchema: anyObject,
      async run(input, { callKey, bgoId }) {
        runs.push({ tool: effect, callKey, bgoId, input });
        return input["answer"] ?? input;
      },
    }),
  );
  return { tools, runs };
}
