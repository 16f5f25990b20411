import type { Scope } from "../../core/scope.ts";

/** Every tenant-owned table has these three, and every statement on them binds or checks them. */
export const scopeColumns = "org_id, project_id, env_id";

export interface ScopeRow {
  readonly org_id: string;
  readonly project_id: string;
  readonly env_id: string;
}

export function scopeValues(scope: Scope): [string, string, string] {
  return [scope.orgId, scope.projectId, scope.envId];
}

export function scopeOf(row: ScopeRow): Scope {
  return { orgId: row.org_id, projectId: row.project_id, envId: row.env_id };
}
