import { systemActor } from "../../core/actor.ts";
import { createKey } from "../../operations/create-key.ts";
import { type Command, exitCodes } from "../command.ts";
import { environmentOf, environmentOptions } from "../environment-options.ts";
import { parseOptions, refusePositionals } from "../parse-options.ts";
import { UsageError } from "../usage-error.ts";
import { withRuntime } from "../with-runtime.ts";

const options = { ...environmentOptions, name: { type: "string" }, json: { type: "boolean" } } as const;

export const keysCommand: Command = {
  name: "keys",
  summary: "Make API keys",
  help: `Usage: platos keys create --env <name> [options]

Makes an API key, and its environment if there is none yet. The key is the last word of what is
printed, and is never shown again. Needs the database: DATABASE_URL, or the embedded one of a
running platos dev or platos server.

  --env <name>       environment of the key
  --project <name>   its project (default)
  --org <name>       its organisation (default)
  --name <text>      what the key is for
  --json             {"id": …, "key": …}`,
  async run(args, { terminal, readConfig }) {
    const { values, positionals } = parseOptions(args, options);
    const [action, ...rest] = positionals;
    if (action !== "create")
      throw new UsageError(action === undefined ? "Missing word: create" : `Unknown word: ${action}`);
    refusePositionals(rest);
    if (values.env === undefined) throw new UsageError("Missing option: --env <name>");
    const slugs = environmentOf(values);
    const request = { ...slugs, name: values.name ?? "made on the command line" };
    const caller = { actor: systemActor, authority: "operator" } as const;
    const made = await withRuntime(readConfig(), ({ operations }) => createKey(operations, caller, request));
    const text = `Key ${made.id} of ${slugs.org}/${slugs.project}/${slugs.env}, shown once: ${made.key}`;
    terminal.print(values.json === true ? JSON.stringify(made) : text);
    return exitCodes.ok;
  },
};
