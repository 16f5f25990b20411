import type { Json, JsonObject } from "./json.ts";

/** What a waiting BGO waits for. */
export interface Waitpoint {
  readonly id: string;
  readonly bgoId: string;
  readonly kind: "reply" | "token" | "time" | "bgo" | "approval";
  readonly status: "open" | "completed" | "failed" | "expired" | "cancelled";
  readonly question: string | null;
  /** JSON Schema of the awaited value. */
  readonly schema: JsonObject | null;
  readonly publicUrl: string | null;
  readonly expiresAt: string | null;
  readonly createdAt: string;
  readonly resolvedAt: string | null;
  readonly resolution: Json;
}
