import type { Json } from "@platos-tasks/client";
import { type Command, exitCodes } from "../command.ts";
import { onlyPositional, parseOptions } from "../parse-options.ts";
import { connectionHelp, connectionOptions, withServer } from "../server-connection.ts";
import { UsageError } from "../usage-error.ts";

const options = { ...connectionOptions, json: { type: "string" }, fail: { type: "string" } } as const;

export const answerCommand: Command = {
  name: "answer",
  summary: "Answer what a BGO waits for",
  help: `Usage: platos answer <waitpointId> <text> [options]
       platos answer <waitpointId> --json <value>
       platos answer <waitpointId> --fail <reason>

The first answer counts; a later one is told what happened. A wait for a time ends without a value:
platos answer <waitpointId>

  --json <value>    the answer as JSON, for all that is not text: --json '{"approved": true}'
  --fail <reason>   there will be no answer
${connectionHelp}`,
  async run(args, context) {
    const { values, positionals } = parseOptions(args, options);
    const [waitpointId, ...rest] = positionals;
    const id = onlyPositional(waitpointId === undefined ? [] : [waitpointId], "<waitpointId>");
    const given = [rest[0], values.json, values.fail].filter((each) => each !== undefined);
    if (given.length > 1) throw new UsageError("Give one of <text>, --json and --fail");
    const value = valueOf(rest, values.json);
    const reason = values.fail;
    const wait = await withServer(values, context, (client) =>
      reason === undefined ? client.waitpoints.complete(id, value) : client.waitpoints.fail(id, { reason }),
    );
    context.terminal.print(`${id} ${wait.status}.`);
    return exitCodes.ok;
  },
};

function valueOf(texts: readonly string[], json: string | undefined): Json | undefined {
  if (json === undefined) return texts.length === 0 ? undefined : onlyPositional(texts, "<text>");
  try {
    return JSON.parse(json) as Json;
  } catch {
    throw new UsageError(`--json must be JSON, such as '"text"', 12 or '{"approved": true}'`);
  }
}
