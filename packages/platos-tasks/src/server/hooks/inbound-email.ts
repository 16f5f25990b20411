import { limits } from "../../core/caps.ts";
import { isJsonObject, type Json, type JsonObject } from "../../core/json.ts";
import { waitLimits } from "../../core/waitpoint.ts";
import { textOfHtml } from "./text-of-html.ts";

/** An e-mail, whoever's service took it in. */
export interface InboundEmail extends JsonObject {
  readonly from: string;
  readonly subject: string;
  /** What was written; without the quoted rest where the service can tell. */
  readonly text: string;
  /** Everything else that came with it, as far as it fits. */
  readonly fields: JsonObject;
}

// Names as services use them, without case, hyphens and underscores; the first that is there counts.
const names = {
  from: ["from", "sender", "envelope.from"],
  subject: ["subject", "headers.subject"],
  text: ["strippedtext", "strippedtextreply", "replyplain", "text", "textbody", "bodyplain", "plain"],
  html: ["strippedhtml", "html", "htmlbody", "bodyhtml"],
} as const;

/** Theirs, for another check than ours, and different each time they send it. */
const dropped = new Set(["timestamp", "token", "signature", "attachments", "attachmentinfo"]);

/** Leaves room for the rest of the answer. */
const fieldsChars = waitLimits.valueBytes / 2;

/** Reads what e-mail services post for a message that came in; null when it is none. */
export function inboundEmail(payload: Json): InboundEmail | null {
  if (!isJsonObject(payload)) return null;
  const lookUp = fieldsOf(payload);
  const find = (among: readonly string[]): string | null => {
    for (const name of among) {
      const value = lookUp.get(name);
      if (typeof value === "string" && value.trim() !== "") return value;
    }
    return null;
  };
  const from = find(names.from);
  const written = find(names.text);
  const html = find(names.html);
  const subject = find(names.subject);
  if (from === null || !from.includes("@") || (subject === null && html === null)) return null;
  const text = written ?? (html === null ? "" : textOfHtml(html));
  return { from, subject: subject ?? "", text: text.slice(0, limits.messageChars), fields: otherFields(payload) };
}

/** By simple name; of `envelope` and `headers`, which some send as objects and some as JSON text, what is inside. */
function fieldsOf(payload: JsonObject): ReadonlyMap<string, Json> {
  const fields = new Map<string, Json>();
  for (const [name, value] of Object.entries(payload)) {
    const simple = simpleName(name);
    if (!fields.has(simple)) fields.set(simple, value);
    if (simple !== "envelope" && simple !== "headers") continue;
    const inner = typeof value === "string" ? parsed(value) : value;
    if (!isJsonObject(inner)) continue;
    for (const [key, each] of Object.entries(inner)) fields.set(`${simple}.${simpleName(key)}`, each);
  }
  return fields;
}

function simpleName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/gu, "");
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}

/** In their order, each that still fits. */
function otherFields(payload: JsonObject): JsonObject {
  const taken = new Set<string>([...names.from, ...names.subject, "text", "textbody", "bodyplain", "plain"]);
  let left = fieldsChars;
  const kept = Object.entries(payload).filter(([name, value]) => {
    const simple = simpleName(name);
    if (dropped.has(simple) || taken.has(simple)) return false;
    const size = JSON.stringify(value).length + name.length;
    if (size > left) return false;
    left -= size;
    return true;
  });
  return Object.fromEntries(kept);
}
