import { storableJson } from "../core/json.ts";
import {
  toolCallsOf,
  type AssistantPart,
  type ModelResponse,
  type ToolCallPart,
  type TranscriptEntry,
} from "../core/transcript.ts";

export function callIdsOf(entries: readonly TranscriptEntry[]): Set<string> {
  return new Set(
    entries.flatMap((entry) => (entry.role === "assistant" ? toolCallsOf(entry.parts).map((call) => call.callId) : [])),
  );
}

/**
 * Gives every tool call an id of its own in the whole conversation: some models repeat ids in one answer, count them
 * from 0 again in the next, or leave them empty, while results are told apart by nothing else.
 */
export function withUniqueCallIds(
  response: ModelResponse,
  { taken, stepNo }: { readonly taken: ReadonlySet<string>; readonly stepNo: number },
): ModelResponse {
  const used = new Set(taken);
  const parts = response.parts.map((part, index) => {
    if (part.type !== "tool_call") return part;
    const callId = freeId(part.callId.trim() === "" ? `call_${stepNo}_${index}` : part.callId, used);
    used.add(callId);
    return callId === part.callId ? part : ({ ...part, callId } satisfies ToolCallPart);
  });
  return { ...response, parts };
}

function freeId(wanted: string, used: ReadonlySet<string>): string {
  if (!used.has(wanted)) return wanted;
  let number = 2;
  while (used.has(`${wanted}_${number}`)) number += 1;
  return `${wanted}_${number}`;
}

/**
 * The response as a reader of the journal gets it back, so that what runs now and what runs after a crash see the very
 * same arguments.
 */
export function asJournalled(response: ModelResponse): ModelResponse {
  return { ...response, parts: JSON.parse(storableJson(response.parts)) as readonly AssistantPart[] };
}
