import { z } from "zod";
import { limits } from "../core/caps.ts";
import { PlatosError } from "../core/errors.ts";
import { isJsonObject, type Json } from "../core/json.ts";
import { defineTool, type Tool, type ToolContext } from "../core/tool.ts";
import { spawnBgo, type SpawnResult } from "../operations/spawn-bgo.ts";
import type { SpawnRequest } from "../operations/spawn-request.ts";
import type { BoundAgent } from "./bound-agent.ts";
import { budgetSchema } from "./budget-schema.ts";

/** What `spawn_bgo` takes; the HTTP API takes the same and adds what only it may say. */
export const spawnFields = {
  prompt: z
    .string()
    .min(1)
    .max(limits.promptChars)
    .optional()
    .describe("the whole task: the sub-agent sees nothing else of this conversation"),
  threadId: z.string().max(64).optional().describe("where the result goes; absent: this conversation"),
  idempotencyKey: z
    .string()
    .min(1)
    .max(limits.idempotencyKeyChars)
    .optional()
    .describe("calls with the same key are one BGO"),
  tools: z.array(z.string().max(64)).max(50).optional().describe("a subset of your own tools; absent: all of them"),
  targetAgent: z.string().max(64).optional().describe("slug of another member of your cluster"),
  name: z.string().max(128).optional().describe("an authored BGO to run instead of a prompt"),
  input: z.unknown().optional().describe("the input of the authored BGO"),
  budget: budgetSchema.optional(),
  label: z.string().max(limits.labelChars).optional().describe("a few words for people, such as render-slides"),
  onComplete: z
    .enum(["message", "wake"])
    .optional()
    .describe("message: the result is posted; wake: you also get a turn to react to it"),
} as const;

const inputSchema = z.strictObject(spawnFields);

export type SpawnInput = z.infer<typeof inputSchema>;

const description =
  "Starts a background operation (BGO): a sub-agent that does a task by itself while this conversation goes on. Answers at once with its id. The result arrives in the conversation as a message of its own, minutes or days later: tell the user the id and go on; never wait or poll.";

export function spawnBgoTool(bound: BoundAgent): Tool {
  return defineTool({
    name: "spawn_bgo",
    description,
    effect: "idempotent",
    inputSchema,
    run: async (input, context) => spawnAnswer(await spawn(bound, input, context)),
  });
}

export async function spawn(
  bound: BoundAgent,
  input: SpawnInput & { readonly runAt?: string },
  context: ToolContext,
): Promise<SpawnResult> {
  return spawnBgo(bound.operations, bound.caller, {
    ...taskOf(input, context),
    threadId: input.threadId ?? bound.threadId,
    ...(bound.deprecatedAlias === undefined ? {} : { deprecatedAlias: bound.deprecatedAlias }),
    ...(bound.turnId === null ? {} : { parent: { kind: "turn", turnId: bound.turnId, depth: bound.turnDepth } }),
    ...(input.onComplete === undefined ? {} : { onComplete: input.onComplete }),
    ...(input.runAt === undefined ? {} : { runAt: new Date(input.runAt) }),
  });
}

/** What every spawner asks for, and the key of this very call. */
export function taskOf(
  input: Omit<SpawnInput, "threadId" | "onComplete">,
  context: ToolContext,
): Pick<SpawnRequest, "prompt" | "derivedKey" | "idempotencyKey" | "tools" | "budget" | "label"> {
  return {
    prompt: refuseWhatIsNotHere(input),
    derivedKey: context.callKey,
    ...(input.idempotencyKey === undefined ? {} : { idempotencyKey: input.idempotencyKey }),
    ...(input.tools === undefined ? {} : { tools: input.tools }),
    ...(input.budget === undefined ? {} : { budget: input.budget }),
    ...(input.label === undefined ? {} : { label: input.label }),
  };
}

/**
 * Names point at authored BGOs and cluster members; none exist here, so any name is unknown. An `input` that belongs to no
 * name would be seen by nobody. Gives the prompt.
 */
export function refuseWhatIsNotHere(input: {
  readonly prompt?: string | undefined;
  readonly name?: string | undefined;
  readonly input?: unknown;
  readonly targetAgent?: string | undefined;
}): string {
  if (input.name !== undefined) {
    throw new PlatosError(
      "definition.not_found",
      `There is no authored BGO ${input.name} here. Give a prompt instead.`,
    );
  }
  if (input.targetAgent !== undefined) {
    throw new PlatosError(
      "cluster.member_not_found",
      `There is no agent ${input.targetAgent} in this agent's cluster. Leave targetAgent out to use the agent itself.`,
    );
  }
  if (input.prompt === undefined) {
    throw new PlatosError("input.invalid", "Give a prompt.", { issues: [{ path: "prompt", message: "required" }] });
  }
  if (!isEmpty(input.input)) {
    throw new PlatosError(
      "input.invalid",
      "input goes with the name of an authored BGO. Write what the sub-agent has to know into the prompt: it sees nothing else.",
      { issues: [{ path: "input", message: "without name" }] },
    );
  }
  return input.prompt;
}

/** Models fill in what they leave out. */
function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (isJsonObject(value) && Object.keys(value).length === 0);
}

const arrivesInChat = "Its result will arrive in the conversation as a message; do not wait or poll for it.";

export function spawnAnswer(result: SpawnResult, arrives: string = arrivesInChat): { [key: string]: Json } {
  const { bgo, deduplicated } = result;
  const message = messageFor(result, arrives);
  return { bgoId: bgo.id, status: bgo.status, threadId: bgo.threadId, deduplicated, message };
}

function messageFor({ bgo, deduplicated, ranAtOnce }: SpawnResult, arrives: string): string {
  if (deduplicated) return `This call had already started ${bgo.id}; nothing new was started.`;
  if (ranAtOnce) return `The time asked for has passed, so ${bgo.id} starts at once. ${arrives}`;
  if (bgo.status === "scheduled") return `${bgo.id} will start at ${bgo.runAt?.toISOString()}. ${arrives}`;
  return `${bgo.id} is on its way. ${arrives}`;
}
