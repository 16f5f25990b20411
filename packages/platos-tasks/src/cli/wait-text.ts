import type { Waitpoint } from "@platos-tasks/client";
import { localTime } from "./bgo-text.ts";
import { formatTable, shortened } from "./table.ts";

const questionChars = 60;

/** The table of `platos waits`. */
export function waitTable(waits: readonly Waitpoint[]): string {
  return formatTable(
    ["ID", "KIND", "STATUS", "BGO", "UNTIL", "QUESTION"],
    waits.map(({ id, kind, status, bgoId, expiresAt, question }) => [
      id,
      kind,
      status,
      bgoId ?? "-",
      localTime(expiresAt),
      shortened(question ?? "", questionChars),
    ]),
  );
}
