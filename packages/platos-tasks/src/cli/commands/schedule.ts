import type { ScheduleReceipt } from "@platos-tasks/client";
import { localTime } from "../bgo-text.ts";
import { type Command, exitCodes } from "../command.ts";
import { onlyPositional, parseOptions } from "../parse-options.ts";
import { connectionHelp, connectionOptions, withServer } from "../server-connection.ts";
import { UsageError } from "../usage-error.ts";

const options = { ...connectionOptions, "run-at": { type: "string" }, json: { type: "boolean" } } as const;

export const scheduleCommand: Command = {
  name: "schedule",
  summary: "Start a scheduled BGO now, or give it another time",
  help: `Usage: platos schedule run-now <bgoId>
       platos schedule reschedule <bgoId> --run-at <time>

A BGO is scheduled with platos spawn --run-at <time>, and cancelled with platos cancel. Schedules
that repeat (cron) are not built yet.

  --run-at <time>   when to start, ISO 8601 with an offset or Z; one in the past starts it
  --json            as the API gives it
${connectionHelp}`,
  async run(args, context) {
    const { values, positionals } = parseOptions(args, options);
    const [action, ...rest] = positionals;
    const runAt = values["run-at"];
    if (action !== "run-now" && action !== "reschedule") {
      throw new UsageError(`${action === undefined ? "Missing" : "Unknown"} word: run-now or reschedule`);
    }
    const bgoId = onlyPositional(rest, "<bgoId>");
    if ((action === "reschedule") !== (runAt !== undefined)) {
      throw new UsageError(
        runAt === undefined ? "Missing option: --run-at <time>" : "--run-at goes with reschedule only",
      );
    }
    const receipt = await withServer(values, context, (client) =>
      runAt === undefined ? client.bgos.runNow(bgoId) : client.bgos.reschedule(bgoId, { runAt }),
    );
    context.terminal.print(values.json === true ? JSON.stringify(receipt) : receiptText(receipt));
    return exitCodes.ok;
  },
};

function receiptText({ bgoId, runAt, ranAtOnce }: ScheduleReceipt): string {
  if (ranAtOnce || runAt === null) return `${bgoId} starts at once.`;
  return `${bgoId} will start at ${localTime(runAt)}.`;
}
