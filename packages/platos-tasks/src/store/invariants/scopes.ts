import { type Invariant, queryInvariant } from "./invariant.ts";

/** Tables whose rows belong to a tenant, with what names a row of theirs in a report. */
const tenantTables = {
  agents: "id",
  agent_versions: "id",
  api_keys: "id",
  artifacts: "id",
  audit_entries: "id",
  browser_sessions: "left(hash, 8)",
  events: "id::text",
  login_tokens: "left(hash, 8)",
  messages: "id",
  platos_tasks: "id",
  steps: "owner_id || ' step ' || step_no",
  threads: "id",
  turns: "id",
} as const;

type TenantTable = keyof typeof tenantTables;

/** Child table, its column, and the table whose id that column holds. */
const links: readonly (readonly [TenantTable, string, TenantTable])[] = [
  ["agent_versions", "agent_id", "agents"],
  ["threads", "agent_id", "agents"],
  ["messages", "thread_id", "threads"],
  ["messages", "bgo_id", "platos_tasks"],
  ["messages", "author_agent_id", "agents"],
  ["turns", "thread_id", "threads"],
  ["turns", "agent_version_id", "agent_versions"],
  ["platos_tasks", "thread_id", "threads"],
  ["platos_tasks", "agent_id", "agents"],
  ["platos_tasks", "agent_version_id", "agent_versions"],
  ["platos_tasks", "parent_bgo_id", "platos_tasks"],
  ["platos_tasks", "turn_id", "turns"],
  ["steps", "owner_id", "platos_tasks"],
  ["steps", "owner_id", "turns"],
  ["artifacts", "thread_id", "threads"],
  ["artifacts", "bgo_id", "platos_tasks"],
  ["events", "thread_id", "threads"],
  ["events", "bgo_id", "platos_tasks"],
  ["audit_entries", "target_id", "platos_tasks"],
  ["audit_entries", "target_id", "threads"],
];

function nameIn(table: TenantTable, alias: string): string {
  return tenantTables[table].replaceAll(/\b(?:id|hash|owner_id|step_no)\b/gu, (column) => `${alias}.${column}`);
}

function rootless(table: TenantTable): string {
  return `
    select format('%s of ${table} belongs to no environment', ${nameIn(table, "child")}) as violation
    from platos.${table} child
    where not exists (
      select 1 from platos.environments e
      where (e.org_id, e.project_id, e.id) = (child.org_id, child.project_id, child.env_id)
    )`;
}

function astray([table, column, parent]: (typeof links)[number]): string {
  return `
    select format('%s of ${table} and %s of ${parent} are of different scopes', ${nameIn(table, "child")}, parent.id)
    from platos.${table} child join platos.${parent} parent on parent.id = child.${column}
    where (parent.org_id, parent.project_id, parent.env_id) <> (child.org_id, child.project_id, child.env_id)`;
}

export const scopes: Invariant = queryInvariant({
  id: "I14",
  sentence: "Every row belongs to an environment, and to the same one as the rows it hangs on.",
  text: [
    ...(Object.keys(tenantTables) as TenantTable[]).map(rootless),
    ...links.map(astray),
    `
    select format('%s of environments is not of the organisation of its project', e.id)
    from platos.environments e join platos.projects p on p.id = e.project_id where p.org_id <> e.org_id`,
  ].join(" union all "),
});
