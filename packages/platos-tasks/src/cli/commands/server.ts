import type { Command } from "../command.ts";
import { parseOptions, refusePositionals } from "../parse-options.ts";
import { serve } from "../serve.ts";

export const serverCommand: Command = {
  name: "server",
  summary: "Start the server alone; workers run elsewhere",
  help: `Usage: platos server

Like platos dev, but runs no BGOs and no chat turns: those wait for platos worker. The
environment variables are those of platos dev.`,
  async run(args, { terminal, readConfig }) {
    refusePositionals(parseOptions(args, {}).positionals);
    return serve({ ...readConfig(), role: "server" }, terminal);
  },
};
