import type { AssistantPart, TranscriptEntry } from "../../core/transcript.ts";
import { isJsonObject, type Json } from "../../core/json.ts";
import { limits } from "../../core/caps.ts";
import { jobsIn, promptOf, readRequest, type DemoRequest } from "./demo-request.ts";
import {
  answeredCalls,
  demoCall,
  demoLabel,
  hasTool,
  say,
  textAt,
  type AnsweredCall,
  type DemoInput,
} from "./demo-transcript.ts";

/** One step of a chat turn: starts, lists or cancels BGOs, then says what happened and talks on. */
export function decideChat(input: DemoInput): AssistantPart[] {
  const { transcript } = input;
  const at = transcript.findLastIndex((entry) => entry.role === "user");
  const entry = transcript[at];
  const text = entry?.role === "user" ? ownWords(entry.text) : "";
  const done = answeredCalls(transcript.slice(at + 1));
  if (done.length > 0) return [say(report(done, text))];
  if (handedOn.test(text))
    return [say(`${demoLabel}thank you. The background operation that asked goes on with your answer.`)];
  if (text === "") return [say(`${demoLabel}a background operation has reported back; its message is in this thread.`)];
  const calls = callsFor(input, text);
  return calls.length > 0 ? calls : [say(demoLabel + smallTalk(text))];
}

// What BGOs delivered stands in a prompt as a fenced block with a note below. It is never an order, whatever it says.
const quotedResult =
  /<background_(?:result|question)>[^<>]*(?:<\/background_(?:result|question)>(?:\nThe block above [^\n]*)?|$)/gu;
// The note that the runtime puts below a message that answered a BGO.
const handedOn = /\n\n\(This message answered the question of a background operation under wpt_[^\n]*\)$/u;

function ownWords(text: string): string {
  return text.replaceAll(quotedResult, "").trim();
}

function callsFor(input: DemoInput, text: string): AssistantPart[] {
  const request = readRequest(text);
  const ids = [...new Set(request.prose.match(/\bbgo_[0-9a-z]+/giu))];
  if (/\b(?:cancel|stop|abort)\b/iu.test(request.prose) && ids.length > 0 && hasTool(input, "cancel_bgo")) {
    return ids.map((bgoId, index) => demoCall(input, "cancel_bgo", { args: { bgoId }, index }));
  }
  if (ids.length > 0 && hasTool(input, "get_bgo")) {
    return ids.map((bgoId, index) => demoCall(input, "get_bgo", { args: { bgoId }, index }));
  }
  if (asksForList(request) && hasTool(input, "list_bgos")) return [demoCall(input, "list_bgos", { args: {} })];
  return jobsIn(request).map((job, index) => {
    const prompt = promptOf(job, text).slice(0, limits.promptChars);
    return demoCall(input, "spawn_bgo", { args: { prompt, label: job.label }, index });
  });
}

function asksForList({ prose }: DemoRequest): boolean {
  if (/\b(?:render|make|create|build|turn|convert|scrape|crawl|prepare|produce|count)\b/iu.test(prose)) return false;
  return /\b(?:list|status|what(?:'s| is) (?:running|going on)|how far|still running|ready yet|done yet)\b/iu.test(
    prose,
  );
}

const explanation =
  "A BGO is a background operation: a piece of work that an agent hands to a sub-agent and does not wait for. It is " +
  "written down before the agent says that it has begun, goes on where it stopped when a process dies, and ends with " +
  "exactly one message in the thread that asked for it.";

function smallTalk(text: string): string {
  if (asksForExplanation(text)) return explanation;
  return (
    "I am a small set of rules that comes with Platos Tasks, not a language model. I can render slides or a PDF from " +
    "Markdown, read a web site and answer questions about it (give me its URL), ask the customer and wait for the " +
    "reply, count slowly, list what is running and cancel it. Set a provider's key to talk to a real model."
  );
}

function asksForExplanation(text: string): boolean {
  return /\b(?:explain|what(?:'s| is| are)|tell me (?:about|what))\b[^.?!\n]*\b(?:bgos?|background operations?)\b/iu.test(
    text,
  );
}

function report(done: readonly AnsweredCall[], text: string): string {
  const lines = done.map(reportCall);
  const talk = asksForExplanation(readRequest(text).prose) ? ["", explanation] : [];
  return demoLabel + [...lines, ...talk].join("\n");
}

function reportCall(call: AnsweredCall): string {
  if (call.error !== null) return `${call.tool} did not work: ${call.error.message}`;
  switch (call.tool) {
    case "spawn_bgo": {
      const name = textAt(call.args, "label") ?? "the work";
      const id = textAt(call.output, "bgoId") ?? "a BGO";
      return `I started ${name} as ${id}. Its result will land in this thread; we can go on talking meanwhile.`;
    }
    case "cancel_bgo":
      return `${textAt(call.args, "bgoId") ?? "It"}: ${textAt(call.output, "outcome") ?? "no outcome told"}.`;
    case "get_bgo":
      return `${textAt(call.args, "bgoId") ?? "It"} is ${textAt(call.output, "status") ?? "unknown"}.`;
    case "list_bgos":
      return reportList(call.output);
    default:
      return `${call.tool} is done.`;
  }
}

function reportList(output: Json): string {
  const items = isJsonObject(output) && Array.isArray(output["items"]) ? (output["items"] as readonly Json[]) : [];
  if (items.length === 0) return "nothing is running in this thread.";
  const lines = items.map((item) => {
    const label = textAt(item, "label");
    return `- ${textAt(item, "bgoId") ?? "?"}${label === null ? "" : ` (${label})`}: ${textAt(item, "status") ?? "?"}`;
  });
  return ["these are running:", ...lines].join("\n");
}

/** True in a chat turn, false inside a BGO. */
export function isChat(input: DemoInput): boolean {
  return hasTool(input, "spawn_bgo") && !hasTool(input, "report_progress");
}

export function firstUserText(transcript: readonly TranscriptEntry[]): string {
  const first = transcript.find((entry) => entry.role === "user");
  return first?.role === "user" ? first.text : "";
}
