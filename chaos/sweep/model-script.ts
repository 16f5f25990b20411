import type { Json } from "../../packages/platos-tasks/src/core/json.ts";
import type { StubReply, StubToolCall } from "../../packages/platos-tasks/src/testing/openai-stub.ts";
import type { ModelCall } from "../harness/outside/model-stub.ts";
import { sinkToolNames } from "../harness/outside/sink-tools.ts";

/** What a model is asked to do: the first word of the tag in a prompt, `[[steps 17]]`. */
export type Job =
  | "plain"
  | "steps"
  | "effects"
  | "chat"
  | "child"
  | "waker"
  | "cancelled"
  | "retried"
  | "later"
  | "sleeper"
  | "asker"
  | "unanswered"
  | "questioner"
  | "replied";

export const tenSteps = 10;

/** Long enough that nothing but the harness lets it pass. */
const soonMs = 600_000;
const longPast = "2020-01-01T00:00:00Z";

const sink = (effect: keyof typeof sinkToolNames, token: string): StubToolCall => ({
  name: sinkToolNames[effect],
  args: { token },
});

const spawn = (args: Readonly<Record<string, Json>>): StubToolCall => ({ name: "spawn_bgo", args });

const text = (text: string): StubReply => ({ text });

/** The answers of a conversation, by how many it has had; `trial` tells one from another. */
const scripts: Readonly<Record<Job, (trial: string) => readonly StubReply[]>> = {
  plain: () => [text("a plain answer")],
  steps: (trial) => [
    ...Array.from({ length: tenSteps - 1 }, (_none, step) => ({ toolCalls: [sink("pure", `${trial} look ${step}`)] })),
    text("all steps are done"),
  ],
  effects: (trial) => [
    {
      toolCalls: [
        sink("at_most_once", `${trial} once 0`),
        sink("idempotent", `${trial} again 1`),
        sink("idempotent", `${trial} again 2`),
        sink("at_most_once", `${trial} once 3`),
      ],
    },
    { toolCalls: [sink("idempotent", `${trial} again 4`), sink("at_most_once", `${trial} once 5`)] },
    text("all effects are done"),
  ],
  chat: (trial) => [
    {
      toolCalls: [
        spawn({ prompt: `[[child ${trial}]] look into it` }),
        spawn({ prompt: `[[waker ${trial}]] and tell me`, onComplete: "wake" }),
      ],
    },
    { text: "two operations are on their way, and their results will arrive here", pieceChars: 20 },
    text("both results are in"),
  ],
  child: () => [
    { toolCalls: [{ name: "messages_create", args: { kind: "progress", text: "on it" } }] },
    { toolCalls: [{ name: "messages_create", args: { kind: "result", text: "found it" } }] },
    text("said what there was to say"),
  ],
  waker: () => [{ toolCalls: [{ name: "report_progress", args: { message: "nearly there" } }] }, text("done")],
  cancelled: () => [text("nobody wants to hear this any more")],
  retried: () => [text("at the second attempt")],
  later: () => [text("when its time had come")],
  sleeper: () => [
    { toolCalls: [{ name: "wait_until", args: { until: longPast } }] },
    { toolCalls: [{ name: "wait_until", args: { until: new Date(Date.now() + soonMs).toISOString() } }] },
    text("slept twice"),
  ],
  asker: () => [
    {
      toolCalls: [
        { name: "wait_for_token", args: { question: "Is it ready?" } },
        { name: "wait_until", args: { until: longPast } },
      ],
    },
    text("it was ready"),
  ],
  unanswered: () => [
    { toolCalls: [{ name: "wait_for_token", args: { question: "Anybody?", timeoutSeconds: soonMs / 1000 } }] },
    text("went on without"),
  ],
  questioner: () => [{ toolCalls: [{ name: "wait_for_reply", args: { question: "Which?" } }] }, text("that one")],
  replied: () => [text("your answer was passed on")],
};

export function jobOf(tag: string): Job | null {
  const [job = ""] = tag.split(" ", 1);
  return job in scripts ? (job as Job) : null;
}

/** What the model answers. A provider that asks for ten minutes' patience ends an attempt without trying on. */
export function scriptedAnswer({ tag, turn, attempt }: ModelCall): StubReply {
  const job = jobOf(tag);
  if (job === null) throw new Error(`No script is tagged "${tag}".`);
  if (job === "retried" && attempt === 0) return { fault: "429", retryAfter: "600" };
  const answers = scripts[job](tag.slice(job.length + 1));
  return answers[Math.min(turn, answers.length - 1)] ?? {};
}
