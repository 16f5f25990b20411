import type { Command } from "../command.ts";
import { parseOptions, refusePositionals } from "../parse-options.ts";
import { serve } from "../serve.ts";

export const devCommand: Command = {
  name: "dev",
  summary: "Start everything: database, server and worker",
  help: `Usage: platos dev

Starts the embedded database (or uses DATABASE_URL), brings it up to date, makes the default
environment with its agent and API key, and starts server and worker. Ctrl-C drains and stops
all of it; a second Ctrl-C stops at once.

Environment variables:
  PORT, HOST                  where to listen (3030, 127.0.0.1)
  PLATOS_HOME                 folder of the embedded database (~/.platos)
  DATABASE_URL                a Postgres 15 or newer of your own
  PLATOS_API_KEY              the default environment's key; left out, a random one is made
  PLATOS_ROLE                 all, server or worker (all)
  PLATOS_MODEL                model of the seeded agent, as provider:model
  PLATOS_WORKER_CONCURRENCY   BGOs that this process runs at once (20)
  PLATOS_PUBLIC_URL           the address under which people reach the server
  PLATOS_LOG_LEVEL            debug, info, warn, error or silent (warn)`,
  async run(args, { terminal, readConfig }) {
    refusePositionals(parseOptions(args, {}).positionals);
    return serve(readConfig(), terminal);
  },
};
