import type { TerminalStatus } from "../../packages/platos-tasks/src/core/lifecycle.ts";
import type { ClientRequest } from "./client-request.ts";
import type { Job } from "./model-script.ts";

/** What a workload is played with: a client that asks again until it is answered. */
export interface Stage {
  /** Tells this trial's prompts and keys from those of others. */
  readonly trial: string;
  readonly threadId: string;
  /** Resolves with the id of the BGO or turn. */
  ask(request: ClientRequest): Promise<string>;
  /** Resolves when the model has been asked to do the job and is thinking. */
  asked(job: Job): Promise<void>;
  /** Lets the model go on with what it is thinking about. */
  answered(): void;
  /** Resolves with what a BGO waits for, once it does. */
  waiting(bgoId: string): Promise<string>;
}

/** One shape of work that faults are planted into. */
export interface Workload {
  readonly summary: string;
  /** The jobs whose BGOs there must be in the end, exactly one each, and how each must have ended. */
  readonly bgos: Readonly<Partial<Record<Job, TerminalStatus>>>;
  /** Model calls beyond the recorded ones that the job needs even without a fault. */
  readonly unrecordedCalls: Readonly<Partial<Record<Job, number>>>;
  /** What the turns of its thread do, if it has any; `chat` when absent. */
  readonly turnJob?: Job;
  play(stage: Stage): Promise<void>;
}

function spawn(stage: Stage, job: Job, more: { readonly runAt?: string } = {}): Promise<string> {
  const { trial, threadId } = stage;
  return stage.ask({
    kind: "spawn",
    threadId,
    prompt: `[[${job} ${trial}]] do it`,
    idempotencyKey: `${job} ${trial}`,
    ...more,
  });
}

function single(job: Job, summary: string): Workload {
  return {
    summary,
    bgos: { [job]: "completed" },
    unrecordedCalls: {},
    async play(stage) {
      await spawn(stage, job);
    },
  };
}

const laterMs = 600_000;

export const workloads = {
  answer: single("plain", "a BGO that answers at once"),
  steps: single("steps", "a BGO of ten model calls with a pure tool between them"),
  effects: single("effects", "a BGO with at-most-once and idempotent calls in one response and in several"),
  chat: {
    summary: "a chat turn that spawns two BGOs, of which one wakes it again",
    bgos: { child: "completed", waker: "completed" },
    unrecordedCalls: {},
    async play({ trial, threadId, ask }) {
      await ask({ kind: "post", threadId, text: `[[chat ${trial}]] please`, idempotencyKey: `chat ${trial}` });
    },
  },
  hardship: {
    summary: "a BGO cancelled while its model thinks, one whose model fails for a while, one that is scheduled",
    bgos: { cancelled: "cancelled", retried: "completed", later: "completed" },
    unrecordedCalls: { cancelled: 1, retried: 1 },
    async play(stage) {
      const bgoId = await spawn(stage, "cancelled");
      await stage.asked("cancelled");
      await stage.ask({ kind: "cancel", bgoId });
      stage.answered();
      const runAt = new Date(Date.now() + laterMs).toISOString();
      await Promise.all([spawn(stage, "retried"), spawn(stage, "later", { runAt })]);
    },
  },
  waits: {
    summary: "a BGO that sleeps, one that is answered from outside, one that nobody answers, one that asks the user",
    bgos: { sleeper: "completed", asker: "completed", unanswered: "completed", questioner: "completed" },
    unrecordedCalls: {},
    turnJob: "replied",
    async play(stage) {
      const { trial, threadId, ask, waiting } = stage;
      const [asker, questioner] = await Promise.all([
        spawn(stage, "asker"),
        spawn(stage, "questioner"),
        spawn(stage, "sleeper"),
        spawn(stage, "unanswered"),
      ]);
      await ask({ kind: "answer", waitpointId: await waiting(asker), value: { ready: true } });
      await waiting(questioner);
      await ask({ kind: "post", threadId, text: `[[replied ${trial}]] this one`, idempotencyKey: `reply ${trial}` });
    },
  },
} as const satisfies Record<string, Workload>;

export type WorkloadName = keyof typeof workloads;

export const workloadNames = Object.keys(workloads) as WorkloadName[];
