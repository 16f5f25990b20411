import type { Agent } from "../../core/agent.ts";
import type { Budget } from "../../core/budget.ts";
import { storableJson, storableText } from "../../core/json.ts";
import type { AgentQueries, NewAgentVersion } from "../../core/ports/store.ts";
import type { Scope } from "../../core/scope.ts";
import type { Executor } from "../database.ts";
import { cursorValues } from "./cursor-values.ts";
import { scopeColumns, scopeValues } from "./scope-columns.ts";

export interface AgentColumns {
  readonly agent_id: string;
  readonly agent_slug: string;
  readonly agent_version_id: string;
  readonly agent_version: number;
  readonly agent_name: string;
  readonly agent_model: string;
  readonly agent_system_prompt: string;
  readonly agent_tools: string[];
  readonly agent_meta_tools: string[];
  readonly agent_ask_tools: string[];
  readonly agent_budget: Budget;
  readonly agent_created_at: Date;
  readonly agent_updated_at: Date;
}

/** Columns for {@link agentOf}, from `agents a` joined with `agent_versions v`. */
export const agentColumns = `
  a.id as agent_id, a.slug as agent_slug, v.id as agent_version_id, v.version as agent_version, v.name as agent_name,
  v.model as agent_model, v.system_prompt as agent_system_prompt, v.tools as agent_tools,
  v.meta_tools as agent_meta_tools, v.ask_tools as agent_ask_tools, v.budget as agent_budget, a.created_at as agent_created_at,
  a.updated_at as agent_updated_at`;

export function agentOf(row: AgentColumns): Agent {
  return {
    id: row.agent_id,
    slug: row.agent_slug,
    versionId: row.agent_version_id,
    version: row.agent_version,
    name: row.agent_name,
    model: row.agent_model,
    systemPrompt: row.agent_system_prompt,
    tools: row.agent_tools,
    metaTools: row.agent_meta_tools,
    askTools: row.agent_ask_tools,
    budget: row.agent_budget,
    createdAt: row.agent_created_at,
    updatedAt: row.agent_updated_at,
  };
}

const currentVersion = `
  from platos.agents a
  join platos.agent_versions v on v.agent_id = a.id and v.version = a.current_version`;

const insertText = `
  with a as (
    insert into platos.agents (id, ${scopeColumns}, slug, current_version) values ($1, $2, $3, $4, $5, 1) returning *
  ), v as (
    insert into platos.agent_versions
      (id, ${scopeColumns}, agent_id, version, name, model, system_prompt, tools, meta_tools, ask_tools, budget)
    select $6, ${scopeColumns}, a.id, 1, $7, $8, $9, $10::text[], $11::text[], $12::text[], $13::jsonb from a returning *
  )
  select ${agentColumns} from a, v`;

const addVersionText = `
  with a as (
    update platos.agents set current_version = current_version + 1, updated_at = now()
    where id = $1 and env_id = $4 returning *
  ), v as (
    insert into platos.agent_versions
      (id, ${scopeColumns}, agent_id, version, name, model, system_prompt, tools, meta_tools, ask_tools, budget)
    select $5, $2, $3, $4, a.id, a.current_version, $6, $7, $8, $9::text[], $10::text[], $11::text[], $12::jsonb from a returning *
  )
  select ${agentColumns} from a, v`;

function versionValues(version: NewAgentVersion): unknown[] {
  return [
    version.versionId,
    storableText(version.name),
    storableText(version.model),
    storableText(version.systemPrompt),
    version.tools.map(storableText),
    version.metaTools.map(storableText),
    version.askTools.map(storableText),
    storableJson(version.budget),
  ];
}

export function agentQueries(executor: Executor): AgentQueries {
  return {
    async insert(scope, agent) {
      const values = [agent.id, ...scopeValues(scope), storableText(agent.slug), ...versionValues(agent)];
      return firstAgent(await executor.query<AgentColumns>(insertText, values));
    },
    async addVersion(scope, agentId, version) {
      const values = [agentId, ...scopeValues(scope), ...versionValues(version)];
      const { rows } = await executor.query<AgentColumns>(addVersionText, values);
      return rows[0] === undefined ? null : agentOf(rows[0]);
    },
    async lock(scope, idOrSlug) {
      const text = "select id from platos.agents where env_id = $1 and (id = $2 or slug = $2) for update";
      await executor.query(text, [scope.envId, storableText(idOrSlug)]);
      // A statement of its own, so that it sees what whoever held the lock before has written.
      return findAgent(executor, scope, idOrSlug);
    },
    async find(scope, idOrSlug) {
      return findAgent(executor, scope, idOrSlug);
    },
    async findOfThread(scope, threadId) {
      const text = `
        select ${agentColumns} ${currentVersion}
        join platos.threads t on t.agent_id = a.id
        where t.id = $1 and t.env_id = $2 and t.deleted_at is null`;
      const { rows } = await executor.query<AgentColumns>(text, [storableText(threadId), scope.envId]);
      return rows[0] === undefined ? null : agentOf(rows[0]);
    },
    async list(scope, { limit, cursor }) {
      const text = `
        select ${agentColumns} ${currentVersion}
        where a.env_id = $1 and (a.created_at, a.id) < ($2::timestamptz, $3)
        order by a.created_at desc, a.id desc limit $4`;
      const values = [scope.envId, ...cursorValues(cursor), limit];
      const { rows } = await executor.query<AgentColumns>(text, values);
      return rows.map(agentOf);
    },
  };
}

async function findAgent(executor: Executor, scope: Scope, idOrSlug: string): Promise<Agent | null> {
  const text = `select ${agentColumns} ${currentVersion} where a.env_id = $1 and (a.id = $2 or a.slug = $2)`;
  const { rows } = await executor.query<AgentColumns>(text, [scope.envId, storableText(idOrSlug)]);
  return rows[0] === undefined ? null : agentOf(rows[0]);
}

function firstAgent({ rows }: { readonly rows: readonly AgentColumns[] }): Agent {
  const [row] = rows;
  if (row === undefined) throw new Error("An insert of an agent returned no row.");
  return agentOf(row);
}
