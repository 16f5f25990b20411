import type { CreateScheduleBody, MissedPolicy, OverlapPolicy, PlatosClient, Schedule } from "@platos-tasks/client";
import { positiveNumber } from "../../parse-options.ts";
import { UsageError } from "../../usage-error.ts";

export const createOptions = {
  cron: { type: "string" },
  zone: { type: "string" },
  prompt: { type: "string" },
  agent: { type: "string" },
  thread: { type: "string" },
  label: { type: "string" },
  tools: { type: "string" },
  overlap: { type: "string" },
  missed: { type: "string" },
  "max-missed": { type: "string" },
  jitter: { type: "string" },
  "on-complete": { type: "string" },
  "idempotency-key": { type: "string" },
} as const;

type Values = { readonly [Name in keyof typeof createOptions]?: string | undefined };

export async function createSchedule(
  client: PlatosClient,
  { values, words }: { readonly values: Values; readonly words: readonly string[] },
): Promise<Schedule> {
  return client.schedules.create(bodyOf(values, words));
}

function bodyOf(values: Values, words: readonly string[]): CreateScheduleBody {
  const given = [...(values.prompt === undefined ? [] : [values.prompt]), ...words];
  if (values.cron === undefined) throw new UsageError('Missing option: --cron "<minute hour day month weekday>"');
  if (given.length === 0) throw new UsageError("Missing option: --prompt <text>");
  if (values.agent !== undefined && values.thread !== undefined) {
    throw new UsageError("Give --agent for a new thread or --thread for an existing one, not both");
  }
  const maxMissed = positiveNumber("max-missed", values["max-missed"]);
  const jitterSeconds = positiveNumber("jitter", values.jitter);
  return {
    cron: values.cron,
    prompt: given.join(" "),
    ...(values.thread === undefined ? { agent: values.agent ?? "assistant" } : { threadId: values.thread }),
    ...(values.zone === undefined ? {} : { timeZone: values.zone }),
    ...(values.label === undefined ? {} : { label: values.label }),
    ...(values.tools === undefined ? {} : { tools: values.tools.split(",").flatMap((word) => word.trim() || []) }),
    ...(values.overlap === undefined ? {} : { overlap: oneOf("overlap", overlaps, values.overlap) }),
    ...(values.missed === undefined ? {} : { missed: oneOf("missed", misses, values.missed) }),
    ...(maxMissed === undefined ? {} : { maxMissed }),
    ...(jitterSeconds === undefined ? {} : { jitterSeconds }),
    ...(values["on-complete"] === undefined
      ? {}
      : { onComplete: oneOf("on-complete", ["message", "wake"] as const, values["on-complete"]) }),
    ...(values["idempotency-key"] === undefined ? {} : { idempotencyKey: values["idempotency-key"] }),
  };
}

const overlaps: readonly OverlapPolicy[] = ["skip", "queue", "parallel"];
const misses: readonly MissedPolicy[] = ["skip", "one", "all"];

function oneOf<Word extends string>(option: string, known: readonly Word[], given: string): Word {
  const found = known.find((word) => word === given);
  if (found !== undefined) return found;
  throw new UsageError(`--${option} is one of ${known.join(", ")}, not ${given}`);
}
