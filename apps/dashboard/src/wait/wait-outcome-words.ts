import type { Json, JsonObject, Waitpoint } from "@platos-tasks/client";

import { waitLooks } from "./wait-look.ts";
import type { WaitLook } from "./wait-look.ts";

/** What came of a wait, for people. */
export interface WaitOutcomeWords {
  readonly look: WaitLook;
  /** What somebody wrote, or why there is no answer; null when the look says it all. */
  readonly text: string | null;
  /** An answer that is no text, or the arguments that were approved in place of those asked for. */
  readonly value: Json | undefined;
}

type Ended = Pick<Waitpoint, "kind" | "status" | "resolution">;

export function waitOutcomeWords(waitpoint: Ended): WaitOutcomeWords {
  const { kind, status, resolution } = waitpoint;
  const look = waitLooks[status];
  if (status !== "completed") return { look, text: reasonOf(waitpoint), value: undefined };
  if (kind === "approval") return decisionWords(resolution);
  if (kind === "time") return { look: { ...look, word: "Over" }, text: null, value: undefined };
  if (kind === "bgo") return { look: { ...look, word: "Ended" }, text: null, value: resolution };
  const text = kind === "reply" && isObject(resolution) ? resolution["text"] : resolution;
  return typeof text === "string" ? { look, text, value: undefined } : { look, text: null, value: resolution };
}

function decisionWords(resolution: Json): WaitOutcomeWords {
  const { decision, reason, args } = isObject(resolution) ? resolution : {};
  const text = typeof reason === "string" && reason !== "" ? reason : null;
  if (decision !== "approve") {
    return { look: { word: "Denied", icon: "cross", chip: "bg-failed-soft text-failed" }, text, value: undefined };
  }
  const word = args === undefined ? "Approved" : "Approved with other arguments";
  return { look: { ...waitLooks.completed, word }, text, value: args };
}

function reasonOf({ kind, status, resolution }: Ended): string | null {
  const given = isObject(resolution) ? resolution["reason"] : null;
  if (typeof given === "string" && given !== "") return given;
  if (status === "timed_out") {
    return kind === "approval" ? "Nobody decided in time: the call was not made." : "Nobody answered in time.";
  }
  return status === "cancelled" ? "What waited for it has ended." : null;
}

function isObject(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
