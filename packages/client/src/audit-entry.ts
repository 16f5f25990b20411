import type { JsonObject } from "./json.ts";

export interface AuditActor {
  readonly type: "api_key" | "session" | "agent" | "worker" | "system" | "link" | "webhook";
  readonly id: string | null;
}

export interface AuditEntry {
  readonly id: string;
  readonly at: string;
  readonly actor: AuditActor;
  /** Noun and verb: `bgo.created`, `bgo.cancelled`, … */
  readonly action: string;
  readonly targetType: string;
  readonly targetId: string;
  readonly details: JsonObject;
}
