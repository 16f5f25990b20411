import type { Json, JsonObject, WaitpointApproval } from "@platos-tasks/client";

/** What was typed, as a value; or why it is none. */
export type ParsedJson = { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly problem: string };

export function parseJson(text: string): ParsedJson {
  if (text.trim() === "") return { ok: false, problem: "Write a JSON value." };
  try {
    return { ok: true, value: JSON.parse(text) as Json };
  } catch (error) {
    return { ok: false, problem: `This is not JSON: ${error instanceof Error ? error.message : "it cannot be read"}.` };
  }
}

export type Decision =
  | { readonly decision: "approve"; readonly args?: Json }
  | { readonly decision: "deny"; readonly reason: string };

/** What completes an approval: bound to the arguments that were on screen, not to those the server has by now. */
export function decisionValue({ argsHash }: Pick<WaitpointApproval, "argsHash">, decision: Decision): JsonObject {
  if (decision.decision === "approve") {
    return { decision: "approve", argsHash, ...(decision.args === undefined ? {} : { args: decision.args }) };
  }
  const reason = decision.reason.trim();
  return { decision: "deny", argsHash, ...(reason === "" ? {} : { reason }) };
}
