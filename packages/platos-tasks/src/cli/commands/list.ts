import { isStatus, type Status, statuses } from "@platos-tasks/client";
import { bgoTable } from "../bgo-text.ts";
import { type Command, exitCodes } from "../command.ts";
import { parseOptions, positiveNumber, refusePositionals } from "../parse-options.ts";
import { printPage } from "../print-page.ts";
import { connectionHelp, connectionOptions, withServer } from "../server-connection.ts";
import { UsageError } from "../usage-error.ts";

const options = {
  ...connectionOptions,
  status: { type: "string", multiple: true },
  thread: { type: "string" },
  agent: { type: "string" },
  limit: { type: "string" },
  cursor: { type: "string" },
  json: { type: "boolean" },
} as const;

export const listCommand: Command = {
  name: "list",
  summary: "List BGOs, newest first",
  help: `Usage: platos list [options]

  --status <words>  only these, separated by commas: ${statuses.join(", ")}
  --thread <id>     only those of this thread
  --agent <slug>    only those of this agent
  --limit <n>       how many, at most 100 (20)
  --cursor <text>   go on where an earlier list ended
  --json            as the API gives it
${connectionHelp}`,
  async run(args, context) {
    const { values, positionals } = parseOptions(args, options);
    refusePositionals(positionals);
    const filter = {
      status: statusesOf(values.status),
      thread: values.thread,
      agent: values.agent,
      limit: positiveNumber("limit", values.limit) ?? 20,
      cursor: values.cursor,
    };
    const page = await withServer(values, context, (client) => client.bgos.list(filter));
    printPage(context.terminal, page, { isJson: values.json === true, table: bgoTable, none: "No BGOs." });
    return exitCodes.ok;
  },
};

function statusesOf(given: readonly string[] | undefined): readonly Status[] | undefined {
  return given
    ?.flatMap((words) => words.split(","))
    .map((word) => word.trim())
    .filter((word) => word !== "")
    .map((word) => {
      if (!isStatus(word)) throw new UsageError(`"${word}" is not a status. They are: ${statuses.join(", ")}`);
      return word;
    });
}
