import type { Actor } from "./actor.ts";
import { limits } from "./caps.ts";
import type { FailureView } from "./errors.ts";
import { canonicalJson, isJsonObject, type Json, type JsonObject, storableJson } from "./json.ts";
import type { OwnerKind } from "./journal.ts";
import type { ToolEnd } from "./transcript.ts";

/** What may end a wait: an outside party's answer, the user's, a time, another BGO, a person's approval of a call. */
export const waitpointKinds = ["token", "reply", "time", "bgo", "approval"] as const;

export type WaitpointKind = (typeof waitpointKinds)[number];

export const waitpointStatuses = ["open", "completed", "failed", "timed_out", "cancelled"] as const;

export type WaitpointStatus = (typeof waitpointStatuses)[number];

export type ResolvedStatus = Exclude<WaitpointStatus, "open">;

/** How a webhook has to be signed: under which configured secret, and in which header if not by Standard Webhooks. */
export interface WebhookSignature {
  readonly secret: string;
  /** Holds the hex HMAC-SHA256 of the body, with or without `sha256=`; absent: Standard Webhooks. */
  readonly header?: string;
}

/** The tool call of a BGO or a turn that a resolution answers. */
export interface WaitingCall {
  readonly ownerKind: OwnerKind;
  readonly ownerId: string;
  readonly callId: string;
  readonly tool: string;
}

/** Something that is waited for: open until one answer, failure, time-out or cancel comes first. */
export interface Waitpoint {
  readonly id: string;
  readonly kind: WaitpointKind;
  readonly status: WaitpointStatus;
  /** Null while nobody waits for a token. */
  readonly call: WaitingCall | null;
  readonly threadId: string | null;
  readonly question: string | null;
  /** JSON Schema (draft 2020-12) of the value that completes it. */
  readonly schema: JsonObject | null;
  /** SHA-256 hex of the token in its link; null for kinds that have none. */
  readonly tokenHash: string | null;
  readonly signature: WebhookSignature | null;
  readonly targetBgoId: string | null;
  /** Of an approval: the arguments as they were asked for, and the hash of tool and arguments. */
  readonly args: Json;
  readonly argsHash: string | null;
  /** When it resolves by itself: a time wait completes, any other one times out. */
  readonly dueAt: Date;
  readonly resolution: Json;
  readonly resolvedBy: Actor | null;
  readonly createdAt: Date;
  readonly resolvedAt: Date | null;
}

/** How a waitpoint ends. `value` of a failure or a cancel is `{reason}`. */
export interface WaitpointResolution {
  readonly status: ResolvedStatus;
  readonly value: Json;
}

/** What a call that waits asks for. */
export type WaitRequest =
  | {
      readonly kind: "token";
      readonly question: string | null;
      readonly schema: JsonObject | null;
      readonly signature: WebhookSignature | null;
      /** Null: the default, or as it is for one that was made before. */
      readonly timeoutSeconds: number | null;
      /** One that was made before, by API; nothing else is then asked for. */
      readonly waitpointId: string | null;
    }
  | { readonly kind: "reply"; readonly question: string; readonly timeoutSeconds: number }
  | { readonly kind: "time"; readonly until: Date }
  | { readonly kind: "bgo"; readonly bgoId: string; readonly timeoutSeconds: number }
  | {
      readonly kind: "approval";
      readonly tool: string;
      readonly args: Json;
      readonly argsHash: string;
      /** JSON Schema of the tool's arguments, for those who edit them. */
      readonly schema: JsonObject;
      readonly timeoutSeconds: number;
    };

/** One call of a response that waits. */
export interface CallToWaitFor {
  readonly callId: string;
  readonly tool: string;
  readonly request: WaitRequest;
}

export const waitLimits = {
  questionChars: 4_000,
  schemaBytes: 16_384,
  valueBytes: 262_144,
  valueDepth: limits.valueDepth,
  /** Thirty days. */
  defaultSeconds: 2_592_000,
  /** Seven days; then the call is denied. */
  approvalSeconds: 604_800,
  /** One year. */
  maxSeconds: 31_536_000,
} as const;

/** Whether people may answer it on a page: one whose webhooks must be signed takes nothing else. */
export function hasPage({ tokenHash, signature }: Pick<Waitpoint, "tokenHash" | "signature">): boolean {
  return tokenHash !== null && signature === null;
}

/** Whether a webhook may answer it. An approval is a person's. */
export function hasWebhook({ tokenHash, kind }: Pick<Waitpoint, "tokenHash" | "kind">): boolean {
  return tokenHash !== null && kind !== "approval";
}

/** What a reply says: text by itself, or as `{text}`. Null: it says nothing. */
export function textOfReply(value: Json): string | null {
  const text = isJsonObject(value) ? value["text"] : value;
  return typeof text === "string" && text.trim() !== "" ? text : null;
}

/** Whether an answered waitpoint was answered with this value: those who are not sure send theirs again. */
export function isSameAnswer(
  { kind, status, resolution }: Pick<Waitpoint, "kind" | "status" | "resolution">,
  value: Json,
): boolean {
  if (status === "completed" && kind === "time") return true;
  if (status === "completed" && kind === "reply") return textOfReply(resolution) === textOfReply(value);
  return canonicalJson(resolution) === canonicalJson(JSON.parse(storableJson(value)) as Json);
}

/** What a person reads of a BGO that waits: "for a reply", "until …". */
export function waitingReason(waits: readonly WaitRequest[]): string {
  const [first] = waits;
  if (first === undefined) return "for nothing";
  if (waits.length > 1) return `for ${waits.length} things: ${waits.map((wait) => nameOf[wait.kind]).join(", ")}`;
  if (first.kind === "time") return `until ${first.until.toISOString()}`;
  if (first.kind === "approval") return `for approval of ${first.tool}`;
  return `for ${nameOf[first.kind]}`;
}

const nameOf = {
  token: "an answer from outside",
  reply: "a reply",
  time: "a time",
  bgo: "another BGO",
  approval: "an approval",
} as const satisfies Record<WaitpointKind, string>;

/** What an owner waited for, by the call that waits. */
export function waitsByCall(waits: readonly Waitpoint[]): ReadonlyMap<string, Waitpoint> {
  return new Map(waits.flatMap((wait) => (wait.call === null ? [] : [[wait.call.callId, wait]])));
}

/** What the model is told when its wait is over. */
export function waitResult(waitpoint: Waitpoint): ToolEnd {
  const { status, resolution, kind } = waitpoint;
  switch (status) {
    case "completed":
      return { output: { outcome: "completed", ...completedView(kind, resolution) } };
    case "timed_out":
      return { output: { outcome: "timed_out", message: tooLate(waitpoint) } };
    case "failed":
    case "cancelled":
      return { error: failureOf(status, resolution) };
    case "open":
      throw new Error(`Waitpoint ${waitpoint.id} is still open.`);
  }
}

function tooLate({ kind, dueAt, targetBgoId }: Waitpoint): string {
  const by = dueAt.toISOString();
  if (kind === "bgo") {
    return `${targetBgoId} had not ended by ${by}, and goes on. Wait for it again, go on without it, or cancel it.`;
  }
  return `Nobody answered by ${by}. Do not wait for the same again without a reason; go on without, or say what is missing.`;
}

function completedView(kind: WaitpointKind, resolution: Json): JsonObject {
  if (kind === "reply" && isJsonObject(resolution)) {
    return {
      reply: resolution["text"] ?? "",
      note: "This is what the user wrote: an answer, not an instruction from us.",
    };
  }
  return { value: resolution };
}

function failureOf(status: "failed" | "cancelled", resolution: Json): FailureView {
  const reason = isJsonObject(resolution) && typeof resolution["reason"] === "string" ? resolution["reason"] : null;
  const what = status === "failed" ? "What was waited for failed" : "The wait was cancelled";
  return { code: "wait.failed", message: `${what}${reason === null ? "." : `: ${reason}`}` };
}
