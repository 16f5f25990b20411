import type { Bgo } from "@platos-tasks/client";

/** What a BGO is doing right now, or why it ended; null when its status says it all. */
export function nowWords(bgo: Pick<Bgo, "status" | "reason" | "progress" | "error">): string | null {
  const { status, reason, progress, error } = bgo;
  if (status === "running") return progress?.message ?? reason;
  return status === "failed" ? (error?.message ?? reason) : reason;
}
