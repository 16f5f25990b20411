import type { Actor } from "./actor.ts";
import type { JsonObject } from "./json.ts";

export interface NewAuditEntry {
  readonly actor: Actor;
  /** Noun and verb: `bgo.completed`, `thread.deleted`, `message.suppressed`. */
  readonly action: string;
  readonly targetType: string;
  readonly targetId: string;
  readonly details: JsonObject;
}

export interface AuditEntry extends NewAuditEntry {
  readonly id: string;
  readonly at: Date;
  /** Place in its environment's chain, once sealed. */
  readonly seq: number | null;
}
