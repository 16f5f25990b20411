import type { StubCall } from "./stub-answer.ts";

/** What parked BGOs wait for. */
export const waitingKinds = ["reply", "token", "time"] as const;

export type WaitingKind = (typeof waitingKinds)[number];

/** The model that waits first and then says a word; see {@link waitingPrompt}. */
export const waitingModel = "waits";

const daysAhead = 60;

/** `mark` names the run to the stub, which notes when it is back. */
export function waitingPrompt(kind: WaitingKind, mark: string): string {
  return `Do the work marked #${mark}#: wait for a ${kind}, then say so.`;
}

export function waitingCall(kind: WaitingKind): StubCall {
  switch (kind) {
    case "reply":
      return { name: "wait_for_reply", args: { question: "Which of the two offers would you like us to send?" } };
    case "token":
      return { name: "wait_for_token", args: { question: "Has the delivery arrived in full?" } };
    case "time":
      return { name: "wait_until", args: { until: new Date(Date.now() + daysAhead * 86_400_000).toISOString() } };
  }
}
