import type { CancelOutcome } from "@platos-tasks/client";
import { type Command, exitCodes } from "../command.ts";
import { onlyPositional, parseOptions } from "../parse-options.ts";
import { connectionHelp, connectionOptions, withServer } from "../server-connection.ts";

const options = { ...connectionOptions, reason: { type: "string" }, json: { type: "boolean" } } as const;

const outcomeText: Readonly<Record<CancelOutcome, string>> = {
  cancelled: "was cancelled",
  already_cancelled: "had been cancelled before",
  already_completed: "had completed before; nothing was cancelled",
  already_failed: "had failed before; nothing was cancelled",
};

export const cancelCommand: Command = {
  name: "cancel",
  summary: "Cancel a BGO",
  help: `Usage: platos cancel <bgoId> [options]

Says what really happened: a BGO may have ended before.

  --reason <text>   shown with the BGO and in its thread
  --json            as the API gives it
${connectionHelp}`,
  async run(args, context) {
    const { values, positionals } = parseOptions(args, options);
    const bgoId = onlyPositional(positionals, "<bgoId>");
    const body = values.reason === undefined ? {} : { reason: values.reason };
    const receipt = await withServer(values, context, (client) => client.bgos.cancel(bgoId, body));
    const text = `${bgoId} ${outcomeText[receipt.outcome]}.`;
    context.terminal.print(values.json === true ? JSON.stringify(receipt) : text);
    return exitCodes.ok;
  },
};
