import type { Command } from "../command.ts";
import { parseOptions, refusePositionals } from "../parse-options.ts";
import { serve } from "../serve.ts";

export const workerCommand: Command = {
  name: "worker",
  summary: "Start a worker beside a running server",
  help: `Usage: platos worker

Runs BGOs and chat turns on the database of DATABASE_URL, or on the embedded one that platos dev
or platos server runs under the same PLATOS_HOME. Start as many as you like. Provider keys
(OPENAI_API_KEY and the like) are read by workers. Ctrl-C gives what is running back to others.`,
  async run(args, { terminal, readConfig }) {
    refusePositionals(parseOptions(args, {}).positionals);
    return serve({ ...readConfig(), role: "worker" }, terminal);
  },
};
