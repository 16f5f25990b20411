import type {
  LanguageModelV4Content,
  LanguageModelV4FinishReason,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
  SharedV4ProviderMetadata,
} from "@ai-sdk/provider";
import { limits } from "../core/caps.ts";
import { depthOf, isJsonObject, type Json } from "../core/json.ts";
import {
  toolCallsOf,
  type AssistantPart,
  type FinishReason,
  type ProviderMetadata,
  type ToolCallPart,
} from "../core/transcript.ts";
import { BadAnswer } from "./bad-answer.ts";

/** One whole answer, before it is priced. */
export interface ModelAnswer {
  readonly parts: readonly AssistantPart[];
  readonly finishReason: FinishReason;
  readonly usage: LanguageModelV4Usage;
  /** The model as the provider names it, if it does. */
  readonly model: string | null;
}

export interface RawAnswer {
  readonly parts: readonly AssistantPart[];
  readonly finish: { readonly reason: LanguageModelV4FinishReason; readonly usage: LanguageModelV4Usage } | null;
  readonly model: string | null;
}

/** Accepts a whole answer; throws {@link BadAnswer} for one that is partial or in error. */
export function acceptAnswer({ parts: all, finish, model }: RawAnswer): ModelAnswer {
  const parts = all.filter((part) => part.type !== "text" || part.text !== "" || part.providerMetadata !== undefined);
  if (finish === null) throw new BadAnswer("cut", "its answer was cut off");
  const { unified } = finish.reason;
  if (unified === "error" || unified === "interrupted") throw new BadAnswer("cut", "its answer broke off");
  const hasCalls = toolCallsOf(parts).length > 0;
  const hasText = parts.some((part) => part.type === "text" && part.text.trim() !== "");
  const finishReason = hasCalls ? callsReason(unified) : plainReasons[unified];
  if (!hasCalls && !hasText && finishReason === "length") {
    throw new BadAnswer("too_long", "it used up its output limit before it wrote anything");
  }
  if (!hasCalls && !hasText && finishReason !== "content_filter") throw new BadAnswer("empty", "its answer was empty");
  return { parts, finishReason, usage: finish.usage, model };
}

const plainReasons = {
  stop: "stop",
  length: "length",
  "content-filter": "content_filter",
  "tool-calls": "stop",
  other: "other",
} as const satisfies Record<Exclude<LanguageModelV4FinishReason["unified"], "error" | "interrupted">, FinishReason>;

function callsReason(unified: keyof typeof plainReasons): FinishReason {
  return unified === "length" || unified === "content-filter" ? plainReasons[unified] : "tool_calls";
}

export function partsOfContent(content: readonly LanguageModelV4Content[]): AssistantPart[] {
  return content.flatMap((part): AssistantPart[] => {
    if (part.type === "text" || part.type === "reasoning") {
      return [{ type: part.type, text: part.text, ...metadataOf(part.providerMetadata) }];
    }
    return part.type === "tool-call" && part.providerExecuted !== true ? [toolCallOf(part)] : [];
  });
}

function toolCallOf(call: Extract<LanguageModelV4Content, { type: "tool-call" }>): ToolCallPart {
  return {
    type: "tool_call",
    callId: call.toolCallId,
    tool: call.toolName,
    args: parseArgs(call.input, call.toolName),
    ...metadataOf(call.providerMetadata),
  };
}

// A tool without parameters is called with nothing at all by some models.
function parseArgs(text: string, tool: string): Json {
  if (text.trim() === "") return {};
  let args: Json;
  try {
    args = JSON.parse(text) as Json;
  } catch {
    throw new BadAnswer("tool_json", `the arguments of its call of ${tool} are not whole JSON`);
  }
  if (depthOf(args) <= limits.valueDepth) return args;
  throw new BadAnswer(
    "tool_json",
    `the arguments of its call of ${tool} are more than ${limits.valueDepth} levels deep`,
  );
}

function metadataOf(metadata: SharedV4ProviderMetadata | undefined): { providerMetadata?: ProviderMetadata } {
  if (metadata === undefined) return {};
  const members = Object.entries(metadata).filter(([, member]) => Object.keys(member).length > 0);
  return members.length === 0 ? {} : { providerMetadata: Object.fromEntries(members) as ProviderMetadata };
}

/** Puts a streamed answer together, part by part in the order in which the parts began. */
export class AnswerAssembly {
  readonly #parts: { part: AssistantPart }[] = [];
  readonly #open = new Map<string, { part: AssistantPart }>();
  #finish: RawAnswer["finish"] = null;
  #model: string | null = null;

  /** Throws what the stream reports as an error. Gives back the visible text that this piece adds. */
  add(piece: LanguageModelV4StreamPart): string {
    switch (piece.type) {
      case "text-start":
        this.#begin("text", piece);
        return "";
      case "reasoning-start":
        this.#begin("reasoning", piece);
        return "";
      case "text-delta":
        this.#extend("text", piece, piece.delta);
        return piece.delta;
      case "reasoning-delta":
        this.#extend("reasoning", piece, piece.delta);
        return "";
      case "text-end":
        this.#extend("text", piece, "");
        return "";
      case "reasoning-end":
        this.#extend("reasoning", piece, "");
        return "";
      case "tool-call":
        if (piece.providerExecuted !== true) this.#parts.push({ part: toolCallOf(piece) });
        return "";
      case "response-metadata":
        this.#model = piece.modelId ?? this.#model;
        return "";
      case "finish":
        this.#finish = { reason: piece.finishReason, usage: piece.usage };
        return "";
      case "error":
        throw piece.error;
      default:
        return "";
    }
  }

  whole(): RawAnswer {
    return { parts: this.#parts.map(({ part }) => part), finish: this.#finish, model: this.#model };
  }

  #begin(type: "text" | "reasoning", piece: { id: string; providerMetadata?: SharedV4ProviderMetadata }): void {
    const slot = { part: { type, text: "", ...metadataOf(piece.providerMetadata) } };
    this.#open.set(`${type} ${piece.id}`, slot);
    this.#parts.push(slot);
  }

  #extend(
    type: "text" | "reasoning",
    piece: { id: string; providerMetadata?: SharedV4ProviderMetadata },
    text: string,
  ): void {
    const key = `${type} ${piece.id}`;
    if (!this.#open.has(key)) this.#begin(type, { id: piece.id });
    const slot = this.#open.get(key);
    if (slot === undefined || slot.part.type !== type) return;
    const { providerMetadata: added } = metadataOf(piece.providerMetadata);
    // What a later piece says of a provider's key (a signature) adds to what an earlier one said (an item id).
    const providerMetadata = added === undefined ? undefined : mergeMetadata(slot.part.providerMetadata, added);
    slot.part = {
      ...slot.part,
      text: slot.part.text + text,
      ...(providerMetadata === undefined ? {} : { providerMetadata }),
    };
  }
}

function mergeMetadata(older: ProviderMetadata = {}, newer: ProviderMetadata): ProviderMetadata {
  const merged: Record<string, Json> = { ...older };
  for (const [key, value] of Object.entries(newer)) {
    const before = merged[key];
    merged[key] = isJsonObject(before) && isJsonObject(value) ? { ...before, ...value } : value;
  }
  return merged;
}
