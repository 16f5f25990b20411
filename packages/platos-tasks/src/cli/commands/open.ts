import { createLoginToken } from "../../operations/login.ts";
import { environmentNotFound } from "../../operations/not-found.ts";
import { type Command, exitCodes } from "../command.ts";
import { environmentOf, environmentOptions } from "../environment-options.ts";
import { parseOptions, refusePositionals } from "../parse-options.ts";
import { serverUrl } from "../server-connection.ts";
import { withRuntime } from "../with-runtime.ts";

const options = { ...environmentOptions, url: { type: "string" } } as const;

export const openCommand: Command = {
  name: "open",
  summary: "Print a link that signs a browser in",
  help: `Usage: platos open [options]

The link works once, within five minutes. Needs the database: DATABASE_URL, or the embedded one of
a running platos dev or platos server.

  --org, --project, --env <name>   the environment to sign in to (default, default, dev)
  --url <url>                      address of the server (PLATOS_PUBLIC_URL, else HOST and PORT)`,
  async run(args, { terminal, readConfig }) {
    const { values, positionals } = parseOptions(args, options);
    refusePositionals(positionals);
    const config = readConfig();
    const url = values.url ?? serverUrl(config);
    const slugs = environmentOf(values);
    const token = await withRuntime(config, async ({ operations }) => {
      const environment = await operations.store.autocommit.access.findEnvironment(slugs);
      if (environment !== null) return createLoginToken(operations, environment);
      throw environmentNotFound(slugs);
    });
    terminal.print(`${url}/login?token=${token}`);
    return exitCodes.ok;
  },
};
