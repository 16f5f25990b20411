import type { MessagePart } from "../core/message.ts";
import type { UiMessageChunk } from "./ui-message-chunk.ts";

/** What the client has been told of one part. */
type ShownPart =
  | { readonly type: "text" | "reasoning"; readonly id: string; text: string; open: boolean }
  | { readonly type: "tool"; readonly callId: string; asked: boolean; answered: boolean }
  | { readonly type: "other" };

/**
 * One step of an answer, that is one model call, as a client has been shown it. `show` says what to send so that the
 * client has what it should have.
 */
export class UiStep {
  readonly #number: number;
  #shown: ShownPart[] = [];
  #ids = 0;

  constructor(number: number) {
    this.#number = number;
  }

  /** Whether what was shown must be taken back before these parts can be shown. */
  contradicts(parts: readonly MessagePart[], isFinal: boolean): boolean {
    return this.#shown.some((shown, index) => {
      const part = parts[index];
      if (part === undefined) return true;
      if (part.type === "dynamic-tool") return shown.type !== "tool" || shown.callId !== part.toolCallId;
      if (part.type !== "text" && part.type !== "reasoning") return shown.type !== "other";
      if (shown.type !== part.type) return true;
      // Text that starts over is no contradiction while it repeats what was shown.
      return !part.text.startsWith(shown.text) && (isFinal || !shown.text.startsWith(part.text));
    });
  }

  /** Forgets what was shown; open parts are closed for clients that keep them. */
  takeBack(): UiMessageChunk[] {
    const chunks = this.close();
    this.#shown = [];
    return chunks;
  }

  /** Text of the last part stays open for more unless the parts are final. */
  show(parts: readonly MessagePart[], isFinal: boolean): UiMessageChunk[] {
    const chunks: UiMessageChunk[] = [];
    for (const [index, part] of parts.entries()) {
      const shown = this.#shown[index];
      if (shown === undefined) {
        chunks.push(...this.close(), ...this.#showNew(part));
      } else if (shown.type === "tool" && part.type === "dynamic-tool") {
        chunks.push(...answerOf(part, shown));
      } else if ((shown.type === "text" || shown.type === "reasoning") && part.type === shown.type) {
        chunks.push(...append(shown, part.text));
      }
    }
    return isFinal ? [...chunks, ...this.close()] : chunks;
  }

  close(): UiMessageChunk[] {
    return this.#shown.flatMap((part) => {
      if ((part.type !== "text" && part.type !== "reasoning") || !part.open) return [];
      part.open = false;
      return [{ type: `${part.type}-end`, id: part.id } as const];
    });
  }

  #showNew(part: MessagePart): UiMessageChunk[] {
    switch (part.type) {
      case "text":
      case "reasoning": {
        this.#ids += 1;
        const shown = { type: part.type, id: `${this.#number}.${this.#ids}`, text: "", open: true };
        this.#shown.push(shown);
        return [{ type: `${part.type}-start`, id: shown.id }, ...append(shown, part.text)];
      }
      case "dynamic-tool": {
        const shown = { type: "tool", callId: part.toolCallId, asked: false, answered: false } as const;
        this.#shown.push(shown);
        const { toolCallId, toolName, input } = part;
        return [
          { type: "tool-input-available", toolCallId, toolName, input, dynamic: true },
          ...answerOf(part, this.#shown.at(-1)),
        ];
      }
      case "file":
        this.#shown.push({ type: "other" });
        return [{ type: "file", url: part.url, mediaType: part.mediaType }];
      case "data-bgo":
        this.#shown.push({ type: "other" });
        return [{ type: "data-bgo", id: part.id, data: part.data, transient: false }];
      case "step-start":
        this.#shown.push({ type: "other" });
        return [];
    }
  }
}

function append(shown: ShownPart & { type: "text" | "reasoning" }, text: string): UiMessageChunk[] {
  if (text.length <= shown.text.length) return [];
  const delta = text.slice(shown.text.length);
  shown.text = text;
  return [{ type: `${shown.type}-delta`, id: shown.id, delta }];
}

function answerOf(part: MessagePart & { type: "dynamic-tool" }, shown: ShownPart | undefined): UiMessageChunk[] {
  if (shown?.type !== "tool" || shown.answered || part.state === "input-available") return [];
  const { toolCallId } = part;
  if (part.state === "approval-requested") {
    if (shown.asked) return [];
    shown.asked = true;
    return [{ type: "tool-approval-request", approvalId: part.approval?.id ?? "", toolCallId }];
  }
  shown.answered = true;
  if (part.state === "output-available") {
    return [{ type: "tool-output-available", toolCallId, output: part.output ?? null, dynamic: true }];
  }
  return [{ type: "tool-output-error", toolCallId, errorText: part.errorText ?? "The tool failed.", dynamic: true }];
}
