import { PlatosError } from "../../packages/platos-tasks/src/core/errors.ts";
import type { Json } from "../../packages/platos-tasks/src/core/json.ts";
import type { ModelPort, ModelRequest } from "../../packages/platos-tasks/src/core/ports/model.ts";
import { defineTool, type Tool, type ToolEffect } from "../../packages/platos-tasks/src/core/tool.ts";
import type { AssistantPart, ModelResponse } from "../../packages/platos-tasks/src/core/transcript.ts";
import type { Fiber } from "./fiber.ts";

/** What the outside world has seen, over all processes. */
export interface Outside {
  /** How often each call was run, by effect and call key. */
  readonly effects: Map<string, number>;
  /** Model calls that have failed once already. */
  readonly failed: Set<string>;
  callIds: number;
}

export interface SimulatedModelOptions {
  readonly fiber: Fiber;
  readonly outside: Outside;
  /** Any BGO there is, for a model that wants to cancel one. */
  readonly someBgo: () => string | null;
  readonly now: () => Date;
}

/**
 * A model that does what its conversation's last words say after "plan": one letter is one answer. P, I and A call a
 * tool that is pure, idempotent, at most once; B calls two; G reports progress; M posts a message; R stages the result;
 * S and W spawn a BGO, W one that wakes; C cancels one; N and L wait for a time, which has come or not; T waits for an
 * answer from outside, D for two, Q for a reply; E fails once and may be tried again; F fails for good. After the last
 * letter it is done.
 */
export function createSimulatedModel({ fiber, outside, someBgo, now }: SimulatedModelOptions): ModelPort {
  return {
    async respond(request) {
      await fiber.point("model");
      request.signal.throwIfAborted();
      const { letter, place } = wordOf(request);
      if (letter === "F") throw new PlatosError("model.failed", "The model refuses.");
      if (letter === "E" && !outside.failed.has(place)) {
        outside.failed.add(place);
        throw new PlatosError("model.failed", "The model is overloaded.", { retryable: true });
      }
      const calls = callsOf(letter, { bgoId: someBgo(), now: now() }).map(([tool, args]): AssistantPart => {
        outside.callIds += 1;
        return { type: "tool_call", callId: `call_${outside.callIds}`, tool, args };
      });
      return responseOf(calls);
    },
  };
}

const anHourMs = 3_600_000;
/** Two days and a half, of which two pass at most while somebody may still answer. */
const timeoutSeconds = 216_000;

function wordOf({ transcript }: ModelRequest): { readonly letter: string; readonly place: string } {
  const last = transcript.findLastIndex((entry) => entry.role === "user");
  const entry = transcript[last];
  const text = entry?.role === "user" ? entry.text : "";
  const plan = /plan (\w*)(?![\s\S]*plan )/u.exec(text)?.[1] ?? "";
  const answers = transcript.slice(last).filter(({ role }) => role === "assistant").length;
  return { letter: plan[answers] ?? "", place: `${text} ${answers}` };
}

function callsOf(
  letter: string,
  { bgoId, now }: { readonly bgoId: string | null; readonly now: Date },
): readonly (readonly [tool: string, args: Json])[] {
  switch (letter) {
    case "P":
      return [["pure", {}]];
    case "I":
      return [["idempotent", {}]];
    case "A":
      return [["at_most_once", {}]];
    case "B":
      return [
        ["pure", {}],
        ["at_most_once", {}],
      ];
    case "G":
      return [["report_progress", { message: "on it" }]];
    case "M":
      return [["messages_create", { kind: "progress", text: "half way" }]];
    case "R":
      return [["messages_create", { kind: "result", text: "staged" }]];
    case "S":
      return [["spawn_bgo", { prompt: "plan P" }]];
    case "W":
      return [["spawn_bgo", { prompt: "plan ", onComplete: "wake" }]];
    case "C":
      return [["cancel_bgo", { bgoId: bgoId ?? "bgo_none" }]];
    case "N":
      return [["wait_until", { until: "2020-01-01T00:00:00Z" }]];
    case "L":
      return [["wait_until", { until: new Date(now.getTime() + anHourMs).toISOString() }]];
    case "T":
      return [["wait_for_token", { question: "One?", timeoutSeconds }]];
    case "D":
      return [
        ["wait_for_token", { question: "One?", timeoutSeconds }],
        ["wait_for_token", { question: "Two?", timeoutSeconds }],
      ];
    case "Q":
      return [["wait_for_reply", { question: "Which?", timeoutSeconds }]];
    default:
      return [];
  }
}

function responseOf(calls: readonly AssistantPart[]): ModelResponse {
  return {
    parts: calls.length === 0 ? [{ type: "text", text: "done" }] : calls,
    finishReason: calls.length === 0 ? "stop" : "tool_calls",
    usage: { inputTokens: 10, outputTokens: 5, costUsd: 0 },
    model: "simulated",
    durationMs: 1,
  };
}

const anyInput = {
  "~standard": {
    validate: (value: unknown) => ({ value }),
    jsonSchema: { input: () => ({ type: "object" }) },
  },
} as const;

export const simulatedToolNames = ["pure", "idempotent", "at_most_once"] as const satisfies readonly ToolEffect[];

export function createSimulatedTools(fiber: Fiber, { effects }: Outside): readonly Tool[] {
  return simulatedToolNames.map((effect) =>
    defineTool({
      name: effect,
      description: "For the simulation.",
      effect,
      inputSchema: anyInput,
      async run(_input, { callKey }) {
        await fiber.point(`tool ${effect}`);
        const key = `${effect} ${callKey}`;
        effects.set(key, (effects.get(key) ?? 0) + 1);
        await fiber.point(`tool ${effect} has run`);
        return "ok";
      },
    }),
  );
}
