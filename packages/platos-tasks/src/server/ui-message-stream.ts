import type { MessageDeltaEvent } from "@platos-tasks/client";
import type { JsonObject } from "../core/json.ts";
import type { MessagePart } from "../core/message.ts";
import type { UiMessageChunk } from "./ui-message-chunk.ts";
import { UiStep } from "./ui-step.ts";

export interface UiMessageStreamOptions {
  readonly messageId: string;
  readonly metadata: JsonObject;
  /** Whether the client knows `reset-step`; one that does not sees text that was taken back twice. */
  readonly canReset: boolean;
}

/**
 * Tells an answer as chunks while it is being written. It is fed with pieces of text, which may be lost or start over,
 * and with the stored message, which is the truth: when a step is stored, the client has exactly what is stored.
 */
export class UiMessageStream {
  readonly #options: UiMessageStreamOptions;
  readonly #bgos = new Map<string, JsonObject>();
  #stored: readonly (readonly MessagePart[])[] = [];
  /** The text of the model call that is being written, as far as it came without a gap. */
  #live: { readonly modelCall: number; readonly text: string } | null = null;
  #stepNo = 0;
  #step: UiStep | null = null;

  constructor(options: UiMessageStreamOptions) {
    this.#options = options;
  }

  start(): UiMessageChunk[] {
    const { messageId, metadata } = this.#options;
    return [{ type: "start", messageId, messageMetadata: metadata }];
  }

  /** The client has the answer already, up to the calls that it has decided about. */
  continueAfter(parts: readonly MessagePart[], decided: readonly string[]): void {
    const steps = stepsOf(parts);
    const isDecided = (part: MessagePart): boolean => part.type === "dynamic-tool" && decided.includes(part.toolCallId);
    const last = steps.findLastIndex((step) => step.some(isDecided));
    const step = steps[last];
    if (step === undefined) return;
    this.#stored = steps.slice(0, last + 1);
    this.#stepNo = last;
    this.#step = new UiStep(last);
    this.#step.show(
      step.map((part) => (isDecided(part) ? asAsked(part) : part)),
      true,
    );
  }

  delta({ modelCall, offset, text }: Pick<MessageDeltaEvent, "modelCall" | "offset" | "text">): UiMessageChunk[] {
    const live = this.#live;
    if (live !== null && modelCall < live.modelCall) return [];
    const before = live?.modelCall === modelCall ? live.text : "";
    // A piece was missed: the stored message will bring it.
    if (offset > before.length) return [];
    this.#live = { modelCall, text: before.slice(0, offset) + text };
    return this.#tell();
  }

  /** The message as it is stored now. */
  stored(parts: readonly MessagePart[]): UiMessageChunk[] {
    const steps = stepsOf(parts);
    if (steps.length >= this.#stored.length) this.#stored = steps;
    return this.#tell();
  }

  /** A BGO of this turn. News of a status stay in the client's message; how far it is passes by. */
  bgo(id: string, data: JsonObject): UiMessageChunk[] {
    const known = this.#bgos.get(id);
    const transient = known !== undefined && known["status"] === data["status"];
    this.#bgos.set(id, data);
    return [{ type: "data-bgo", id, data, transient }];
  }

  finish(): UiMessageChunk[] {
    return [...this.#closeStep(), { type: "finish", finishReason: "stop" }];
  }

  /** Ends for now: it goes on when the client has decided about what is asked. */
  ask(): UiMessageChunk[] {
    return [...this.#closeStep(), { type: "finish", finishReason: "tool-calls" }];
  }

  fail(errorText: string): UiMessageChunk[] {
    return [...this.#closeStep(), { type: "error", errorText }];
  }

  /** Goes from step to step for as long as it is known what to show. */
  #tell(): UiMessageChunk[] {
    const chunks: UiMessageChunk[] = [];
    for (;;) {
      const stored = this.#stored[this.#stepNo];
      if (stored === undefined) return [...chunks, ...this.#showLive()];
      chunks.push(...this.#show(stored, true));
      const isLast = this.#stepNo === this.#stored.length - 1;
      // The next call is only made when every result is in: it waits until they have been told.
      if (isLast && (stored.some(isUnanswered) || (this.#live?.modelCall ?? 0) <= this.#stepNo)) return chunks;
      chunks.push(...this.#closeStep());
    }
  }

  #showLive(): UiMessageChunk[] {
    if (this.#live === null || this.#live.modelCall !== this.#stepNo || this.#live.text === "") return [];
    return this.#show([{ type: "text", text: this.#live.text }], false);
  }

  #show(parts: readonly MessagePart[], isFinal: boolean): UiMessageChunk[] {
    const chunks: UiMessageChunk[] = [];
    if (this.#step === null) {
      this.#step = new UiStep(this.#stepNo);
      chunks.push({ type: "start-step" });
    }
    const shown = this.#options.canReset ? parts : parts.filter((part) => part.type !== "reasoning");
    if (this.#step.contradicts(shown, isFinal)) chunks.push(...this.#takeBack(this.#step));
    return [...chunks, ...this.#step.show(shown, isFinal)];
  }

  #takeBack(step: UiStep): UiMessageChunk[] {
    const closed = step.takeBack();
    if (!this.#options.canReset) return closed;
    // The client forgets the data parts of the step as well.
    const bgos = [...this.#bgos].map(([id, data]) => ({ type: "data-bgo", id, data, transient: false }) as const);
    return [...closed, { type: "reset-step" }, ...bgos];
  }

  #closeStep(): UiMessageChunk[] {
    const step = this.#step;
    if (step === null) return [];
    this.#step = null;
    this.#stepNo += 1;
    return [...step.close(), { type: "finish-step" }];
  }
}

/** A stored message holds its steps one after the other, each opened by a `step-start`. */
function stepsOf(parts: readonly MessagePart[]): (readonly MessagePart[])[] {
  const steps: MessagePart[][] = [];
  for (const part of parts) {
    if (part.type === "step-start") steps.push([]);
    else if (steps.length === 0) steps.push([part]);
    else steps.at(-1)?.push(part);
  }
  return steps;
}

function isUnanswered(part: MessagePart): boolean {
  return part.type === "dynamic-tool" && (part.state === "input-available" || part.state === "approval-requested");
}

/** A call whose result the client has not seen, and which it is not asked about again. */
function asAsked(part: MessagePart): MessagePart {
  if (part.type !== "dynamic-tool") return part;
  const { type, toolName, toolCallId, input } = part;
  return { type, toolName, toolCallId, input, state: "approval-requested", approval: { id: "" } };
}
