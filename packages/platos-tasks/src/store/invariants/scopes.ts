import { type Invariant, queryInvariant } from "./invariant.ts";

/** Tables whose rows belong to a tenant, with what names a group of their rows in a report. */
const tenantTables = {
  agents: 'min(id collate "C")',
  agent_versions: 'min(id collate "C")',
  api_keys: 'min(id collate "C")',
  artifacts: 'min(id collate "C")',
  audit_entries: 'min(id collate "C")',
  browser_sessions: 'left(min(hash collate "C"), 8)',
  events: "min(id)::text",
  login_tokens: 'left(min(hash collate "C"), 8)',
  messages: 'min(id collate "C")',
  platos_tasks: 'min(id collate "C")',
  schedule_fires: 'min(schedule_id collate "C")',
  schedules: 'min(id collate "C")',
  steps: "owner_id || ' step ' || min(step_no)",
  threads: 'min(id collate "C")',
  turns: 'min(id collate "C")',
} as const;

type TenantTable = keyof typeof tenantTables;

/** Child table, its column, and the table whose id that column holds. */
const links: readonly (readonly [child: TenantTable, column: string, parent: TenantTable])[] = [
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
  ["schedules", "thread_id", "threads"],
  ["schedules", "agent_id", "agents"],
  ["schedule_fires", "schedule_id", "schedules"],
  ["schedule_fires", "bgo_id", "platos_tasks"],
  ["steps", "owner_id", "platos_tasks"],
  ["steps", "owner_id", "turns"],
  ["artifacts", "thread_id", "threads"],
  ["artifacts", "bgo_id", "platos_tasks"],
  ["events", "thread_id", "threads"],
  ["events", "bgo_id", "platos_tasks"],
  ["audit_entries", "target_id", "platos_tasks"],
  ["audit_entries", "target_id", "threads"],
  ["audit_entries", "target_id", "schedules"],
];

// Where there is one environment, a row of it can only hang on rows of it, or on some that are found by themselves to be
// of none: it need not be looked at. With several, all rows are.
const suspect = `(select count(*) <> 1 from platos.environments)
      or env_id <> (select min(id) from platos.environments)
      or org_id <> (select min(org_id) from platos.environments)
      or project_id <> (select min(project_id) from platos.environments)`;

/**
 * Rows that hang on the same parents in the same scope are one group, named by one of them: a fraction of the rows is
 * then looked up. Of a parent the environment is enough, since each table's own scopes are held against the environments.
 */
function astray(table: TenantTable): string {
  const parents = links.filter(([child]) => child === table);
  const columns = [...new Set(parents.map(([, column]) => column))];
  const keys = ["org_id", "project_id", "env_id", ...columns].join(", ");
  const joins = parents.map(
    ([, column, parent], place) => `left join platos.${parent} parent_${place} on parent_${place}.id = child.${column}`,
  );
  const isAstray = parents.map((_, place) => `parent_${place}.env_id <> child.env_id`);
  const names = parents.map(
    ([, , parent], place) => `when ${isAstray[place] ?? ""} then parent_${place}.id || ' of ${parent}'`,
  );
  const different = parents.length === 0 ? "''" : `case ${names.join(" ")} end`;
  return `
    select case
      when env.id is null then format('%s of ${table} belongs to no environment', child.name)
      else format('%s of ${table} and %s are of different scopes', child.name, ${different})
    end as violation
    from (select ${keys}, ${tenantTables[table]} as name from platos.${table} where ${suspect} group by ${keys}) child
    left join platos.environments env
      on env.id = child.env_id and env.org_id = child.org_id and env.project_id = child.project_id
    ${joins.join(" ")}
    where ${["env.id is null", ...isAstray].join(" or ")}`;
}

export const scopes: Invariant = queryInvariant({
  id: "I14",
  sentence: "Every row belongs to an environment, and to the same one as the rows it hangs on.",
  text: [
    ...(Object.keys(tenantTables) as TenantTable[]).map(astray),
    `
    select format('%s of environments is not of the organisation of its project', e.id)
    from platos.environments e join platos.projects p on p.id = e.project_id where p.org_id <> e.org_id`,
  ].join(" union all "),
});
