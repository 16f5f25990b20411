import {
  defineTool,
  type Tool,
  type ToolEffect,
  type ToolSchema,
} from "../../../packages/platos-tasks/src/core/tool.ts";
import { createGate } from "../../../packages/platos-tasks/src/testing/gate.ts";

const nothing: ToolSchema<unknown> = {
  "~standard": { validate: (value) => ({ value }), jsonSchema: { input: () => ({ type: "object" }) } },
};

/** `look`, which does nothing, and `act`, which may run once: each begins, and ends when it is let go. */
export class HeldTools {
  readonly all: readonly Tool[] = [this.#tool("look", "pure"), this.#tool("act", "at_most_once")];
  readonly #begun = createGate();
  readonly #mayEnd = createGate();

  /** Resolves when one of them runs. */
  get begun(): Promise<void> {
    return this.#begun.opened;
  }

  letGo(): void {
    this.#mayEnd.open();
  }

  #tool(name: string, effect: ToolEffect): Tool {
    return defineTool({
      name,
      description: `A tool that is ${effect}.`,
      effect,
      inputSchema: nothing,
      run: async () => {
        this.#begun.open();
        // Deaf to its signal, as a process that is frozen.
        await this.#mayEnd.opened;
        return `${name}ed`;
      },
    });
  }
}
