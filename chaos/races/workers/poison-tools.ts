// Put between the ports of a worker process (`CHAOS_DECORATOR`): tools that end it, each in another way.
import type { RuntimePorts } from "../../../packages/platos-tasks/src/runtime.ts";
import { defineTool, type Tool, type ToolSchema } from "../../../packages/platos-tasks/src/core/tool.ts";
import { type Poison, poisonToolName } from "./poisons.ts";

const nothing: ToolSchema<unknown> = {
  "~standard": { validate: (value) => ({ value }), jsonSchema: { input: () => ({ type: "object" }) } },
};

const megabyte = 2 ** 20;

const deaths: Readonly<Record<Poison, () => void>> = {
  abort: () => process.abort(),
  memory() {
    const kept: unknown[] = [];
    for (;;) kept.push(Array.from({ length: megabyte / 8 }, (_, index) => ({ index })));
  },
  // Outside of whatever the product guards.
  stack() {
    const deeper = (depth: number): number => deeper(depth + 1) + 1;
    setTimeout(() => deeper(0), 1);
  },
  killedFromOutside: () => void process.kill(process.pid, "SIGKILL"),
};

function poisonTool(poison: Poison): Tool {
  return defineTool({
    name: poisonToolName(poison),
    description: "Ends its worker.",
    // Run again by whoever takes over: what may run at most once would only do harm once.
    effect: "pure",
    inputSchema: nothing,
    async run() {
      deaths[poison]();
      // What it has begun to destroy does not answer either.
      await new Promise(() => undefined);
      return null;
    },
  });
}

export function decorate(ports: RuntimePorts): RuntimePorts {
  const poisons = (Object.keys(deaths) as Poison[]).map(poisonTool);
  return { ...ports, tools: [...ports.tools, ...poisons] };
}
