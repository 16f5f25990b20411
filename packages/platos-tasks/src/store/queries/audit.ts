import type { AuditEntry } from "../../core/audit.ts";
import type { JsonObject } from "../../core/json.ts";
import { storableJson, storableText } from "../../core/json.ts";
import type { Identity } from "../../core/ports/identity.ts";
import type { AuditQueries } from "../../core/ports/store.ts";
import type { Executor } from "../database.ts";
import { scopeColumns, scopeValues } from "./scope-columns.ts";

interface AuditRow {
  readonly id: string;
  readonly at: Date;
  readonly actor_type: AuditEntry["actor"]["type"];
  readonly actor_id: string | null;
  readonly action: string;
  readonly target_type: string;
  readonly target_id: string;
  readonly details: JsonObject;
  readonly seq: string | null;
}

const appendText = `
  insert into platos.audit_entries
    (id, ${scopeColumns}, actor_type, actor_id, action, target_type, target_id, details)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb)`;

const listText = `
  select id, at, actor_type, actor_id, action, target_type, target_id, details, seq from platos.audit_entries
  where target_id = $1 and env_id = $2 order by at, id limit $3`;

export function auditQueries(executor: Executor, identity: Identity): AuditQueries {
  return {
    async append(scope, entry) {
      await executor.query(appendText, [
        identity.newId("audit"),
        ...scopeValues(scope),
        entry.actor.type,
        entry.actor.id,
        entry.action,
        entry.targetType,
        entry.targetId,
        storableJson(entry.details),
      ]);
    },
    async list(scope, targetId, limit) {
      const { rows } = await executor.query<AuditRow>(listText, [storableText(targetId), scope.envId, limit]);
      return rows.map((row) => ({
        id: row.id,
        at: row.at,
        actor: { type: row.actor_type, id: row.actor_id },
        action: row.action,
        targetType: row.target_type,
        targetId: row.target_id,
        details: row.details,
        seq: row.seq === null ? null : Number(row.seq),
      }));
    },
  };
}
