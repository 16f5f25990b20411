import type { Waitpoint } from "@platos-tasks/client";

import { waitOutcomeWords } from "./wait-outcome-words.ts";

type Told = Pick<Waitpoint, "kind" | "status" | "approval" | "question" | "resolution">;

/** What a screen reader is told when a wait begins or ends; null of waits that no person answers. */
export function waitNews(waitpoint: Told, name: string): string | null {
  const { kind, status, approval, question } = waitpoint;
  if (kind === "time" || kind === "bgo") return null;
  if (status !== "open") return `${name}: ${waitOutcomeWords(waitpoint).look.word.toLowerCase()}.`;
  if (kind === "approval") return `${name} asks for approval of ${approval?.tool ?? "a call"}.`;
  return `${name} asks: ${question ?? "a question"}`;
}
