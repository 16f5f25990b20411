import type { DynamicToolPart, FilePart, Json, JsonObject, Message, MessagePart } from "@platos-tasks/client";

/** What a message shows, in its order. */
export type MessageBlock =
  | { readonly kind: "text"; readonly key: string; readonly text: string }
  | { readonly kind: "reasoning"; readonly key: string; readonly text: string }
  | { readonly kind: "file"; readonly key: string; readonly file: FilePart }
  | { readonly kind: "tool"; readonly key: string; readonly call: DynamicToolPart }
  | { readonly kind: "bgo"; readonly key: string; readonly bgoId: string };

const spawningTools: ReadonlySet<string> = new Set(["spawn_bgo", "spawn_task", "schedule_bgo", "agent_batch"]);

/** A tool call that started a BGO shows as that BGO; each BGO shows once in a message. */
export function blocksOf(message: Pick<Message, "parts">): readonly MessageBlock[] {
  const shown = new Set<string>();
  return message.parts.flatMap((part, index): readonly MessageBlock[] => {
    const block = blockOf(part, String(index));
    if (block?.kind !== "bgo") return block === null ? [] : [block];
    if (shown.has(block.bgoId)) return [];
    shown.add(block.bgoId);
    return [block];
  });
}

/** The BGO that a tool call started, once its answer names it. */
export function spawnedBgoId(call: DynamicToolPart): string | null {
  if (!spawningTools.has(call.toolName) || call.state !== "output-available") return null;
  const bgoId = isObject(call.output) ? call.output["bgoId"] : null;
  return typeof bgoId === "string" ? bgoId : null;
}

function blockOf(part: MessagePart, key: string): MessageBlock | null {
  switch (part.type) {
    case "text":
      return part.text.trim() === "" ? null : { kind: "text", key, text: part.text };
    case "reasoning":
      return part.text.trim() === "" ? null : { kind: "reasoning", key, text: part.text };
    case "file":
      return { kind: "file", key, file: part };
    case "data-bgo":
      return { kind: "bgo", key, bgoId: part.id };
    case "dynamic-tool": {
      const bgoId = spawnedBgoId(part);
      return bgoId === null ? { kind: "tool", key, call: part } : { kind: "bgo", key, bgoId };
    }
    default:
      return null;
  }
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
