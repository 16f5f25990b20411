import type { WaitpointStatus } from "@platos-tasks/client";
import { waitpointStatuses } from "../../core/waitpoint.ts";
import { type Command, exitCodes } from "../command.ts";
import { parseOptions, positiveNumber, refusePositionals } from "../parse-options.ts";
import { printPage } from "../print-page.ts";
import { connectionHelp, connectionOptions, withServer } from "../server-connection.ts";
import { UsageError } from "../usage-error.ts";
import { waitTable } from "../wait-text.ts";

const options = {
  ...connectionOptions,
  bgo: { type: "string" },
  status: { type: "string" },
  limit: { type: "string" },
  cursor: { type: "string" },
  json: { type: "boolean" },
} as const;

export const waitsCommand: Command = {
  name: "waits",
  summary: "List what BGOs wait for, newest first",
  help: `Usage: platos waits [options]

Open ones, unless --status says otherwise. platos answer <waitpointId> answers one.

  --bgo <id>        only those of this BGO
  --status <word>   ${waitpointStatuses.join(", ")}
  --limit <n>       how many, at most 100 (20)
  --cursor <text>   go on where an earlier list ended
  --json            as the API gives it
${connectionHelp}`,
  async run(args, context) {
    const { values, positionals } = parseOptions(args, options);
    refusePositionals(positionals);
    const filter = {
      status: statusOf(values.status ?? "open"),
      bgo: values.bgo,
      limit: positiveNumber("limit", values.limit) ?? 20,
      cursor: values.cursor,
    };
    const page = await withServer(values, context, (client) => client.waitpoints.list(filter));
    printPage(context.terminal, page, { isJson: values.json === true, table: waitTable, none: "No waits." });
    return exitCodes.ok;
  },
};

function statusOf(word: string): WaitpointStatus {
  const status = waitpointStatuses.find((each) => each === word);
  if (status === undefined) {
    throw new UsageError(`"${word}" is not a status of a wait. They are: ${waitpointStatuses.join(", ")}`);
  }
  return status;
}
