import { type Artifact, artifactUrl } from "../core/artifact.ts";
import { type Bgo, titleOf } from "../core/bgo.ts";
import { limits } from "../core/caps.ts";
import { cutText } from "../core/cut-text.ts";
import type { Json } from "../core/json.ts";
import { type TerminalStatus, terminalMessageKind } from "../core/lifecycle.ts";
import type { MessagePart } from "../core/message.ts";
import type { NewMessage } from "../core/ports/store.ts";

/**
 * The one message with which a BGO ends, in the name of its agent, with the files it made. A result that is longer than
 * a message may be is cut: everybody who reads the conversation, a model among them, reads it each time.
 */
export function terminalMessage(
  bgo: Bgo & { readonly status: TerminalStatus },
  made: { readonly id: string; readonly artifacts: readonly Artifact[] },
): NewMessage {
  return {
    id: made.id,
    threadId: bgo.threadId,
    role: "assistant",
    kind: terminalMessageKind[bgo.status],
    authorAgentId: bgo.agentId,
    bgoId: bgo.id,
    turnId: null,
    terminal: true,
    parts: [{ type: "text", text: textFor(bgo) }, ...made.artifacts.map(filePart)],
  };
}

function textFor(bgo: Bgo & { readonly status: TerminalStatus }): string {
  const title = titleOf(bgo);
  if (bgo.status === "completed") return shown(bgo.id, bgo.output);
  if (bgo.status === "cancelled") return `“${title}” was cancelled${bgo.reason === null ? "" : `: ${bgo.reason}`}.`;
  const hasPart = typeof bgo.output === "string" && bgo.output !== "";
  const partial = hasPart ? `\n\nUntil then it had:\n\n${shown(bgo.id, bgo.output)}` : "";
  return `“${title}” failed: ${bgo.error?.message ?? "no reason was recorded"}${partial}`;
}

function shown(bgoId: string, output: Json | null): string {
  const text = typeof output === "string" ? output : JSON.stringify(output);
  return cutText(text, limits.messageChars, `the whole is the output of ${bgoId}`);
}

function filePart(artifact: Artifact): MessagePart {
  return { type: "file", url: artifactUrl(artifact.id), mediaType: artifact.mediaType, filename: artifact.name };
}
