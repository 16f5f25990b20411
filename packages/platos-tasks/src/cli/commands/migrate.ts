import { migrate, migrationMs } from "../../store/migrate.ts";
import { type Command, exitCodes } from "../command.ts";
import { parseOptions, refusePositionals } from "../parse-options.ts";
import { withDatabase } from "../with-database.ts";

export const migrateCommand: Command = {
  name: "migrate",
  summary: "Bring the database up to date",
  help: `Usage: platos migrate

Applies the migrations that are missing and names them. platos dev, server and worker do so by
themselves when they start; run it beforehand to separate it from a deployment. Works on
DATABASE_URL, or on the embedded database of a running platos dev or platos server.`,
  async run(args, { terminal, readConfig }) {
    refusePositionals(parseOptions(args, {}).positionals);
    const applied = await withDatabase(readConfig(), migrate, { answerMs: migrationMs });
    terminal.print(
      applied.length === 0 ? "The database is up to date." : applied.map((name) => `Applied ${name}`).join("\n"),
    );
    return exitCodes.ok;
  },
};
