import { systemActor } from "../../core/actor.ts";
import type { ApiKey, EnvironmentSlugs } from "../../core/ports/store.ts";
import type { Runtime } from "../../runtime.ts";
import { createKey } from "../../operations/create-key.ts";
import { listKeys, revokeKey } from "../../operations/keys.ts";
import { type Command, exitCodes } from "../command.ts";
import { environmentOf, environmentOptions } from "../environment-options.ts";
import { onlyPositional, type ParsedOptions, parseOptions, refusePositionals } from "../parse-options.ts";
import type { Said } from "../said.ts";
import { formatTable } from "../table.ts";
import { UsageError } from "../usage-error.ts";
import { withRuntime } from "../with-runtime.ts";

const options = { ...environmentOptions, name: { type: "string" }, json: { type: "boolean" } } as const;

interface Call {
  readonly values: ParsedOptions<typeof options>["values"];
  readonly words: readonly string[];
  readonly slugs: EnvironmentSlugs;
}

/** Reads the command line at once, then works on the database. */
type Action = (call: Call) => (runtime: Runtime) => Promise<Said>;

const actions: Readonly<Record<string, Action>> = {
  create({ values, words, slugs }) {
    refusePositionals(words);
    if (values.env === undefined) throw new UsageError("Missing option: --env <name>");
    const request = { ...slugs, name: values.name ?? "made on the command line" };
    return async ({ operations }) => {
      const made = await createKey(operations, { actor: systemActor, authority: "operator" }, request);
      return { json: made, text: `Key ${made.id} of ${nameOf(slugs)}, shown once: ${made.key}` };
    };
  },
  list({ words, slugs }) {
    refusePositionals(words);
    return async ({ operations }) => {
      const keys = await listKeys(operations, slugs);
      return { json: keys, text: keys.length === 0 ? `${nameOf(slugs)} has no keys.` : tableOf(keys) };
    };
  },
  revoke({ words, slugs }) {
    const keyId = onlyPositional(words, "<keyId>");
    return async ({ operations }) => {
      const outcome = await revokeKey(operations, { actor: systemActor }, { ...slugs, keyId });
      const text = outcome === "revoked" ? `${keyId} opens nothing any more.` : `${keyId} had been revoked before.`;
      return { json: { outcome }, text };
    };
  },
};

export const keysCommand: Command = {
  name: "keys",
  summary: "Make, list and revoke API keys",
  help: `Usage: platos keys create --env <name> [options]
       platos keys list [options]
       platos keys revoke <keyId> [options]

create makes an API key, and its environment if there is none yet. The key is the last word of what
is printed, and is never shown again. A revoked key is refused within a second. Needs the database:
DATABASE_URL, or the embedded one of a running platos dev or platos server.

  --env <name>       environment of the key (dev, where none is made)
  --project <name>   its project (default)
  --org <name>       its organisation (default)
  --name <text>      what the key is for
  --json             for programs`,
  async run(args, { terminal, readConfig }) {
    const { values, positionals } = parseOptions(args, options);
    const [word, ...words] = positionals;
    const action = new Map(Object.entries(actions)).get(word ?? "");
    if (action === undefined) {
      const known = Object.keys(actions).join(", ");
      throw new UsageError(word === undefined ? `Missing word: one of ${known}` : `Unknown word: ${word} (${known})`);
    }
    const act = action({ values, words, slugs: environmentOf(values) });
    const { json, text } = await withRuntime(readConfig(), act);
    terminal.print(values.json === true ? JSON.stringify(json) : text);
    return exitCodes.ok;
  },
};

function nameOf({ org, project, env }: EnvironmentSlugs): string {
  return `${org}/${project}/${env}`;
}

function tableOf(keys: readonly ApiKey[]): string {
  const at = (date: Date | null): string => date?.toISOString() ?? "–";
  const rows = keys.map(({ id, name, createdAt, lastUsedAt, revokedAt }) => [
    id,
    at(createdAt),
    at(lastUsedAt),
    at(revokedAt),
    name,
  ]);
  return formatTable(["KEY", "MADE", "LAST USED", "REVOKED", "NAME"], rows);
}
