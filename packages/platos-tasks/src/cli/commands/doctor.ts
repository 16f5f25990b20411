import type { Config } from "../../config.ts";
import { type Command, exitCodes } from "../command.ts";
import { check, type CheckResult } from "../doctor/check.ts";
import { checkDatabase, type DatabaseChecks } from "../doctor/check-database.ts";
import { parseOptions, refusePositionals } from "../parse-options.ts";
import { withDatabase } from "../with-database.ts";

const options = { json: { type: "boolean" }, "at-rest": { type: "boolean" } } as const;

const marks = { ok: "ok  ", failed: "FAIL", skipped: "skip" } as const satisfies Record<CheckResult["outcome"], string>;

export const doctorCommand: Command = {
  name: "doctor",
  summary: "Check the installation and everything in the database",
  help: `Usage: platos doctor [--at-rest] [--json]

Checks Node, the database and its schema, what waits to be run, and the invariants: sentences
that must hold for every row. Changes nothing and may run while work goes on. Exits with 1 when
something is wrong. Works on DATABASE_URL, or on the embedded database of a running platos dev
or platos server.

  --at-rest   also fails when anything is running or due: for a system in which all work should be done`,
  async run(args, { terminal, readConfig }) {
    const { values, positionals } = parseOptions(args, options);
    refusePositionals(positionals);
    const results = [
      await check("node", () => Promise.resolve(checkNode())),
      ...(await examine(readConfig(), { atRest: values["at-rest"] ?? false })),
    ];
    const isHealthy = results.every((result) => result.outcome !== "failed");
    terminal.print(
      values.json === true ? JSON.stringify({ healthy: isHealthy, checks: results }, null, 2) : textOf(results),
    );
    return isHealthy ? exitCodes.ok : exitCodes.failure;
  },
};

async function examine(config: Config, checks: DatabaseChecks): Promise<readonly CheckResult[]> {
  try {
    return await withDatabase(config, (database) => checkDatabase(database, checks));
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return [
      { name: "database", outcome: "failed", detail },
      { name: "migrations, engine, invariants", outcome: "skipped", detail: "need the database" },
    ];
  }
}

function checkNode(): string {
  const { node } = process.versions;
  const [major = 0, minor = 0] = node.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return `Node ${node}`;
  throw new Error(`Node ${node} is too old; 22.18 or newer is needed`);
}

function textOf(results: readonly CheckResult[]): string {
  const width = Math.max(...results.map(({ name }) => name.length));
  const lines = results.flatMap(({ name, outcome, detail, cases = [] }) => [
    `${marks[outcome]}  ${name.padEnd(width)}  ${detail}`,
    ...cases.map((each) => `      ${"".padEnd(width)}- ${each}`),
  ]);
  const failed = results.filter(({ outcome }) => outcome === "failed").length;
  return [
    ...lines,
    "",
    failed === 0 ? "Everything is in order." : `${failed} of ${results.length} checks failed.`,
  ].join("\n");
}
