import { bgoFacts, outputText } from "../bgo-text.ts";
import { type Command, exitCodes } from "../command.ts";
import { onlyPositional, parseOptions } from "../parse-options.ts";
import { connectionHelp, connectionOptions, withServer } from "../server-connection.ts";

const options = { ...connectionOptions, json: { type: "boolean" } } as const;

export const showCommand: Command = {
  name: "show",
  summary: "Show one BGO and what it came back with",
  help: `Usage: platos show <bgoId> [options]

  --json            as the API gives it
${connectionHelp}`,
  async run(args, context) {
    const { values, positionals } = parseOptions(args, options);
    const bgoId = onlyPositional(positionals, "<bgoId>");
    const bgo = await withServer(values, context, (client) => client.bgos.get(bgoId));
    const { terminal } = context;
    if (values.json === true) {
      terminal.print(JSON.stringify(bgo, null, 2));
      return exitCodes.ok;
    }
    terminal.print(bgoFacts(bgo));
    terminal.print(`\nPrompt:\n${bgo.prompt}`);
    const output = outputText(bgo);
    if (output !== "") terminal.print(`\nOutput:\n${output}`);
    return exitCodes.ok;
  },
};
