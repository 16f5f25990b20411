import type { PlatosClient, ScheduleReceipt } from "@platos-tasks/client";
import { localTime } from "../../bgo-text.ts";

/** Without a time it starts at once. */
export function moveScheduledBgo(
  client: PlatosClient,
  { bgoId, runAt }: { readonly bgoId: string; readonly runAt: string | undefined },
): Promise<ScheduleReceipt> {
  return runAt === undefined ? client.bgos.runNow(bgoId) : client.bgos.reschedule(bgoId, { runAt });
}

export function receiptText({ bgoId, runAt, ranAtOnce }: ScheduleReceipt): string {
  if (ranAtOnce || runAt === null) return `${bgoId} starts at once.`;
  return `${bgoId} will start at ${localTime(runAt)}.`;
}
