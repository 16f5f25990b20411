import type { Budget } from "./budget.ts";

export interface Agent {
  readonly id: string;
  /** Unique in its environment: lower-case letters, digits, hyphens. */
  readonly slug: string;
  /** Rises with every change. */
  readonly version: number;
  readonly name: string;
  /** `provider:model`, for example `openai:gpt-5` or `demo:scripted`. */
  readonly model: string;
  readonly systemPrompt: string;
  readonly tools: readonly string[];
  readonly metaTools: readonly string[];
  /** Tools and meta-tools whose every call waits until a person has approved it. */
  readonly askTools: readonly string[];
  readonly budget: Budget;
  /** ISO 8601, UTC, as all times on the wire. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** Body of `POST /api/v1/agents`. */
export interface CreateAgentBody {
  readonly slug: string;
  readonly name: string;
  readonly model: string;
  readonly systemPrompt?: string;
  readonly tools?: readonly string[];
  readonly metaTools?: readonly string[];
  readonly askTools?: readonly string[];
  readonly budget?: Budget;
}

/** Body of `PATCH /api/v1/agents/{id|slug}`: what is absent stays. */
export type UpdateAgentBody = Partial<CreateAgentBody>;
