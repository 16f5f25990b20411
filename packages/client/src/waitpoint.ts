import type { AuditActor } from "./audit-entry.ts";
import type { Json, JsonObject } from "./json.ts";

/** What may end a wait: an outside party's answer, the user's, a time, another BGO, a person's approval of a call. */
export type WaitpointKind = "token" | "reply" | "time" | "bgo" | "approval";

export type WaitpointStatus = "open" | "completed" | "failed" | "timed_out" | "cancelled";

/** Something that is waited for: open until one answer, failure, time-out or cancel comes first. */
export interface Waitpoint {
  readonly id: string;
  readonly kind: WaitpointKind;
  readonly status: WaitpointStatus;
  /** The BGO that waits; null for a turn's wait, and for a token that nobody waits for yet. */
  readonly bgoId: string | null;
  readonly threadId: string | null;
  readonly question: string | null;
  /** JSON Schema of the awaited value. */
  readonly schema: JsonObject | null;
  /** The page where anybody who has the link may answer; null unless it is open and has one. */
  readonly publicUrl: string | null;
  /** Where webhooks and e-mail may answer; null unless it is open and has one. */
  readonly webhookUrl: string | null;
  /** How its webhooks have to be signed. */
  readonly signature: WebhookSignature | null;
  /** Of an approval: the call that waits for it, as it would be made. Null for other kinds. */
  readonly approval: WaitpointApproval | null;
  /** When it ends by itself; a wait for a time is completed then, any other one has timed out. */
  readonly expiresAt: string;
  readonly createdAt: string;
  readonly resolvedAt: string | null;
  /** Who answered or called it off; null while it is open. */
  readonly resolvedBy: AuditActor | null;
  /** The value, or `{reason}` of a failure. */
  readonly resolution: Json;
}

export interface WaitpointApproval {
  readonly tool: string;
  readonly args: Json;
  /** Sent back with the decision, it is refused for any other call than the one that was shown. */
  readonly argsHash: string;
}

export interface WebhookSignature {
  /** Name of a secret in the server's configuration, never the secret itself. */
  readonly secret: string;
  /** Holds the hex HMAC-SHA256 of the body; absent: Standard Webhooks. */
  readonly header?: string;
}

/** Filters of `GET /api/v1/waitpoints`; all must hold. Newest first. */
export interface WaitpointFilters {
  readonly status?: WaitpointStatus | undefined;
  readonly kind?: WaitpointKind | undefined;
  /** Id of the BGO that waits. */
  readonly bgo?: string | undefined;
  readonly thread?: string | undefined;
}

/** Body of `POST /api/v1/waitpoints`: a token that a BGO may wait for later. */
export interface CreateTokenBody {
  /** What is asked, shown on its page. */
  readonly question?: string;
  /** JSON Schema of the answer; makes the form on its page. */
  readonly schema?: JsonObject;
  /** 30 days when absent, a year at most. */
  readonly timeoutSeconds?: number;
  /** Only webhooks that are signed so may answer it, and no page. */
  readonly signature?: WebhookSignature;
}
