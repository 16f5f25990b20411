import type { Budget } from "./budget.ts";

/** An agent as configured now. BGOs and turns pin the version they were made with. */
export interface Agent {
  readonly id: string;
  /** Unique in its environment: lower-case letters, digits, hyphens. */
  readonly slug: string;
  readonly versionId: string;
  readonly version: number;
  readonly name: string;
  /** `provider:model`, for example `openai:gpt-5`, `openai-compatible:llama3`, `demo:scripted`. */
  readonly model: string;
  readonly systemPrompt: string;
  /** Built-in tools the agent may use and grant to its BGOs. */
  readonly tools: readonly string[];
  /** Meta-tools switched on for it. */
  readonly metaTools: readonly string[];
  /** Tools and meta-tools whose every call waits until a person has approved it. */
  readonly askTools: readonly string[];
  /** Given to BGOs that name no budget of their own. */
  readonly budget: Budget;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export const defaultMetaTools = [
  "spawn_bgo",
  "spawn_task",
  "schedule_bgo",
  "list_bgos",
  "get_bgo",
  "cancel_bgo",
] as const;

/** Off until an agent is given them by name. */
export const optionalMetaTools = ["create_schedule", "list_schedules", "cancel_schedule"] as const;

export const seededAgentSlug = "assistant";
