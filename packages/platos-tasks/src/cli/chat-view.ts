import type { Bgo, Message, MessageDeltaEvent, MessagePart } from "@platos-tasks/client";
import { textOfMessage, titleOfBgo } from "@platos-tasks/client";
import type { Terminal } from "./terminal.ts";

/**
 * Prints a conversation as it happens. Pieces of an answer are shown as they come; whatever of them was missed follows
 * with the stored message, which is the truth.
 */
export class ChatView {
  readonly #terminal: Pick<Terminal, "write">;
  /** Text shown so far of each model call, by message. */
  readonly #shown = new Map<string, Map<number, string>>();
  /** How many model calls of a message are stored, and so shown whole. */
  readonly #stored = new Map<string, number>();
  readonly #named = new Set<string>();
  /** Lines that came while an answer was being written: they follow it instead of cutting it up. */
  #held: string[] = [];
  #isStreaming = false;
  #isAtLineStart = true;

  constructor(terminal: Pick<Terminal, "write">) {
    this.#terminal = terminal;
  }

  /** A line of its own, after the answer that is being written. */
  line(text: string): void {
    if (this.#isStreaming) this.#held.push(text);
    else this.#lineNow(text);
  }

  /** Nothing more comes of the answer. */
  answerEnded(): void {
    this.#isStreaming = false;
    this.endLine();
    for (const text of this.#held) this.#lineNow(text);
    this.#held = [];
  }

  endLine(): void {
    if (!this.#isAtLineStart) this.#write("\n");
  }

  /** Something else than us has written to this line, a prompt for example. */
  lineIsTaken(): void {
    this.#isAtLineStart = false;
  }

  delta({ messageId, modelCall, offset, text }: MessageDeltaEvent): void {
    // Pieces travel beside the log and may come after what they are pieces of.
    if (modelCall < (this.#stored.get(messageId) ?? 0)) return;
    const calls = this.#callsOf(messageId);
    const shown = calls.get(modelCall);
    if (offset === 0) this.endLine();
    else if (offset !== (shown ?? "").length) return;
    this.#isStreaming = true;
    this.#write(text);
    calls.set(modelCall, offset === 0 ? text : (shown ?? "") + text);
  }

  message(message: Message): void {
    if (message.role === "user") return;
    if (message.role === "assistant" && message.kind === "chat") {
      this.#answer(message);
      return;
    }
    if (this.#isNamed(message.id)) return;
    const who = message.bgoId === null ? message.role : `${message.bgoId} ${kindWord(message)}`;
    this.line(`[${who}] ${[textOfMessage(message), ...filesOf(message.parts)].join("\n")}`);
  }

  /** Says that a BGO was started, once. */
  spawned(bgo: Bgo): void {
    if (!this.#isNamed(bgo.id)) this.line(`[${bgo.id} ${bgo.status}] ${titleOfBgo(bgo)}`);
  }

  #answer(message: Message): void {
    const calls = this.#callsOf(message.id);
    const stored = callsOfParts(message.parts);
    this.#stored.set(message.id, stored.length);
    for (const [modelCall, parts] of stored.entries()) {
      const text = parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("");
      const shown = calls.get(modelCall) ?? "";
      if (text !== shown) {
        if (!text.startsWith(shown) || shown === "") this.endLine();
        this.#write(text.startsWith(shown) ? text.slice(shown.length) : text);
        calls.set(modelCall, text);
      }
      for (const part of parts) this.#tool(part);
    }
  }

  #tool(part: MessagePart): void {
    if (part.type !== "dynamic-tool") return;
    if (!this.#isNamed(part.toolCallId)) this.#lineNow(`· ${part.toolName}`);
    if (part.state === "output-error" && !this.#isNamed(`${part.toolCallId} error`)) {
      this.#lineNow(`· ${part.toolName} failed: ${part.errorText ?? "no reason was given"}`);
    }
  }

  #lineNow(text: string): void {
    this.endLine();
    this.#write(`${text}\n`);
  }

  #isNamed(id: string): boolean {
    if (this.#named.has(id)) return true;
    this.#named.add(id);
    return false;
  }

  #callsOf(messageId: string): Map<number, string> {
    const calls = this.#shown.get(messageId) ?? new Map<number, string>();
    this.#shown.set(messageId, calls);
    return calls;
  }

  #write(text: string): void {
    if (text === "") return;
    this.#terminal.write(text);
    this.#isAtLineStart = text.endsWith("\n");
  }
}

/** The parts of each model call: `step-start` opens one. */
function callsOfParts(parts: readonly MessagePart[]): MessagePart[][] {
  const calls: MessagePart[][] = [];
  for (const part of parts) {
    if (part.type === "step-start" || calls.length === 0) calls.push([]);
    if (part.type !== "step-start") calls.at(-1)?.push(part);
  }
  return calls;
}

function filesOf(parts: readonly MessagePart[]): string[] {
  return parts.flatMap((part) => (part.type === "file" ? [`${part.filename}: ${part.url}`] : []));
}

function kindWord({ kind }: Message): string {
  return kind.startsWith("bgo_") ? kind.slice("bgo_".length) : kind;
}
