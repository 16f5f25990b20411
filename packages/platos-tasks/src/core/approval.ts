import { canonicalJson, isJsonObject, type Json } from "./json.ts";
import type { ToolEnd } from "./transcript.ts";
import type { Waitpoint } from "./waitpoint.ts";

/** What a person decided about a call. */
export type ApprovalDecision =
  /** `args`: in place of what the model asked for; absent: as it was asked. */
  | { readonly decision: "approve"; readonly args?: Json; readonly argsHash?: string }
  | { readonly decision: "deny"; readonly reason?: string; readonly argsHash?: string };

/** What an approval is bound to: its hash is shown with the question and must be the call's own when it runs. */
export function approvalSubject(tool: string, args: Json): string {
  return canonicalJson([tool, args]);
}

/** Null for anything that is no decision. */
export function parseDecision(value: Json): ApprovalDecision | null {
  if (!isJsonObject(value)) return null;
  const { decision, args, reason, argsHash } = value;
  const seen = typeof argsHash === "string" ? { argsHash } : {};
  if (decision === "approve") return { decision, ...seen, ...(args === undefined ? {} : { args }) };
  if (decision !== "deny") return null;
  return { decision, ...seen, ...(typeof reason === "string" && reason !== "" ? { reason } : {}) };
}

/** What a resolved approval lets happen: the call with these arguments, or an end without it. */
export type ApprovedCall =
  | { readonly kind: "run"; readonly args: Json; readonly isEdited: boolean }
  | { readonly kind: "refused"; readonly end: ToolEnd };

/** Errors are results that the model is told: a call that was not allowed is never run. */
export function approvedCall(
  waitpoint: Waitpoint,
  call: { readonly tool: string; readonly args: Json; readonly argsHash: string },
): ApprovedCall {
  if (waitpoint.argsHash !== call.argsHash) {
    return refused("the approval was given for other arguments. Ask again if it is still needed.");
  }
  if (waitpoint.status === "timed_out") {
    return refused(`nobody approved it by ${waitpoint.dueAt.toISOString()}. Go on without it, or say what is missing.`);
  }
  const decision = waitpoint.status === "completed" ? parseDecision(waitpoint.resolution) : null;
  if (decision === null) return refused("the approval was called off.");
  if (decision.decision === "deny") {
    const why = decision.reason === undefined ? "" : ` The reason given: ${decision.reason}.`;
    return refused(`a person denied it.${why} Do not try the same again; go on without it, or ask what to do.`);
  }
  const isEdited = decision.args !== undefined && canonicalJson(decision.args) !== canonicalJson(call.args);
  return { kind: "run", args: decision.args ?? call.args, isEdited };
}

function refused(message: string): ApprovedCall {
  return { kind: "refused", end: { error: { code: "approval.denied", message: `This call was not run: ${message}` } } };
}
