import { storableText } from "../../core/json.ts";
import type { AccessQueries, ApiKey, Environment, EnvironmentSlugs } from "../../core/ports/store.ts";
import type { Scope } from "../../core/scope.ts";
import type { Executor } from "../database.ts";
import { type ScopeRow, scopeColumns, scopeOf, scopeValues } from "./scope-columns.ts";

interface EnvironmentRow extends ScopeRow {
  readonly org_slug: string;
  readonly project_slug: string;
  readonly env_slug: string;
}

const environmentColumns = `
  o.id as org_id, p.id as project_id, e.id as env_id, o.slug as org_slug, p.slug as project_slug, e.slug as env_slug`;

const environmentJoin = `
  join platos.projects p on p.id = e.project_id
  join platos.organisations o on o.id = e.org_id`;

function environmentOf(row: EnvironmentRow): Environment {
  return { ...scopeOf(row), orgSlug: row.org_slug, projectSlug: row.project_slug, envSlug: row.env_slug };
}

interface KeyRow {
  readonly id: string;
  readonly name: string;
  readonly created_at: Date;
  readonly last_used_at: Date | null;
  readonly revoked_at: Date | null;
}

const keyColumns = "id, name, created_at, last_used_at, revoked_at";

function keyOf(row: KeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    revokedAt: row.revoked_at,
  };
}

const findEnvironmentText = `
  select ${environmentColumns} from platos.environments e ${environmentJoin}
  where o.slug = $1 and p.slug = $2 and e.slug = $3`;

// The update is what makes a row come back that was there already.
const ensureOrganisationText = `
  insert into platos.organisations (id, slug) values ($1, $2)
  on conflict (slug) do update set slug = excluded.slug returning id`;

const ensureProjectText = `
  insert into platos.projects (id, org_id, slug) values ($1, $2, $3)
  on conflict (org_id, slug) do update set slug = excluded.slug returning id`;

const ensureEnvironmentText = `
  insert into platos.environments (id, org_id, project_id, slug) values ($1, $2, $3, $4)
  on conflict (project_id, slug) do update set slug = excluded.slug returning id`;

const findKeyText = `
  with key as (
    select id, env_id, last_used_at from platos.api_keys where hash = $1 and revoked_at is null
  ), used as (
    update platos.api_keys k set last_used_at = now() from key
    where k.id = key.id and (key.last_used_at is null or key.last_used_at < now() - interval '1 minute')
  )
  select key.id as key_id, ${environmentColumns}
  from key join platos.environments e on e.id = key.env_id ${environmentJoin}`;

const consumeLoginTokenText = `
  with token as (
    update platos.login_tokens set used_at = now()
    where hash = $1 and used_at is null and expires_at > now() returning env_id
  )
  select ${environmentColumns} from token join platos.environments e on e.id = token.env_id ${environmentJoin}`;

const findSessionText = `
  select ${environmentColumns}
  from platos.browser_sessions s join platos.environments e on e.id = s.env_id ${environmentJoin}
  where s.hash = $1 and s.expires_at > now()`;

export function accessQueries(executor: Executor): AccessQueries {
  const environment = async (text: string, values: readonly unknown[]): Promise<Environment | null> => {
    const { rows } = await executor.query<EnvironmentRow>(text, values);
    return rows[0] === undefined ? null : environmentOf(rows[0]);
  };
  return {
    async findEnvironment({ org, project, env }) {
      return environment(findEnvironmentText, [org, project, env]);
    },
    async ensureEnvironment(slugs, ids) {
      return ensureEnvironment(executor, slugs, ids);
    },
    async insertKey(scope, key) {
      const text = `insert into platos.api_keys (id, ${scopeColumns}, name, hash) values ($1, $2, $3, $4, $5, $6)
        on conflict (hash) do nothing`;
      await executor.query(text, [key.id, ...scopeValues(scope), storableText(key.name), key.hash]);
    },
    async hasKey(scope) {
      const text = "select id from platos.api_keys where env_id = $1 and revoked_at is null limit 1";
      return (await executor.query(text, [scope.envId])).rows.length > 0;
    },
    async listKeys(scope) {
      const text = `select ${keyColumns} from platos.api_keys where env_id = $1 order by created_at desc, id desc`;
      return (await executor.query<KeyRow>(text, [scope.envId])).rows.map(keyOf);
    },
    async lockKey(scope, keyId) {
      const text = `select ${keyColumns} from platos.api_keys where id = $1 and env_id = $2 for update`;
      const { rows } = await executor.query<KeyRow>(text, [storableText(keyId), scope.envId]);
      return rows[0] === undefined ? null : keyOf(rows[0]);
    },
    async revokeKey(scope, keyId) {
      const text = "update platos.api_keys set revoked_at = now() where id = $1 and env_id = $2";
      await executor.query(text, [keyId, scope.envId]);
    },
    async findKey(hash) {
      const { rows } = await executor.query<EnvironmentRow & { key_id: string }>(findKeyText, [hash]);
      return rows[0] === undefined ? null : { keyId: rows[0].key_id, environment: environmentOf(rows[0]) };
    },
    async insertLoginToken(scope, token) {
      const text = `insert into platos.login_tokens (hash, ${scopeColumns}, expires_at)
        values ($1, $2, $3, $4, now() + $5::float8 * interval '1 second')`;
      await executor.query(text, [token.hash, ...scopeValues(scope), token.lifeSeconds]);
    },
    async consumeLoginToken(hash) {
      return environment(consumeLoginTokenText, [hash]);
    },
    async insertSession(scope, session) {
      const text = `insert into platos.browser_sessions (hash, ${scopeColumns}, expires_at)
        values ($1, $2, $3, $4, now() + $5::float8 * interval '1 second')`;
      await executor.query(text, [session.hash, ...scopeValues(scope), session.lifeSeconds]);
    },
    async findSession(hash) {
      return environment(findSessionText, [hash]);
    },
    async deleteSession(hash) {
      await executor.query("delete from platos.browser_sessions where hash = $1", [hash]);
    },
  };
}

async function ensureEnvironment(executor: Executor, slugs: EnvironmentSlugs, ids: Scope): Promise<Environment> {
  const id = async (text: string, values: readonly unknown[]): Promise<string> => {
    const { rows } = await executor.query<{ id: string }>(text, values);
    if (rows[0] === undefined) throw new Error("An upsert returned no row.");
    return rows[0].id;
  };
  const orgId = await id(ensureOrganisationText, [ids.orgId, slugs.org]);
  const projectId = await id(ensureProjectText, [ids.projectId, orgId, slugs.project]);
  const envId = await id(ensureEnvironmentText, [ids.envId, orgId, projectId, slugs.env]);
  return { orgId, projectId, envId, orgSlug: slugs.org, projectSlug: slugs.project, envSlug: slugs.env };
}
