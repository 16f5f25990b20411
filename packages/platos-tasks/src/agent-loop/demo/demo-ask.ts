import { isJsonObject } from "../../core/json.ts";
import type { AssistantPart } from "../../core/transcript.ts";
import type { DemoRequest } from "./demo-request.ts";
import { answeredCalls, demoCall, demoLabel, hasTool, say, textAt, type DemoInput } from "./demo-transcript.ts";

const tools = { reply: "wait_for_reply", link: "wait_for_token" } as const;

/** Asks one question, in the conversation or behind a link, waits for the answer and reports it. */
export function decideAsk(
  input: DemoInput,
  { via, request }: { readonly via: "reply" | "link"; readonly request: DemoRequest },
): AssistantPart[] {
  const tool = tools[via];
  if (!hasTool(input, tool)) return [say(`${demoLabel}I cannot ask here: ${tool} is missing.`)];
  const question = questionIn(request.prose);
  const [asked] = answeredCalls(input.transcript).filter((call) => call.tool === tool);
  if (asked === undefined) {
    return [demoCall(input, tool, { args: via === "reply" ? { question } : { question, schema: linkSchema } })];
  }
  if (asked.error !== null) return [say(`${demoLabel}I asked “${question}”, in vain: ${asked.error.message}`)];
  if (textAt(asked.output, "outcome") === "timed_out")
    return [say(`${demoLabel}nobody answered “${question}” in time.`)];
  const value = isJsonObject(asked.output) ? asked.output["value"] : undefined;
  const answer = textAt(asked.output, "reply") ?? textAt(value ?? null, "answer") ?? JSON.stringify(value ?? null);
  return [say(`${demoLabel}I asked “${question}” and the answer was: “${answer}”`)];
}

const linkSchema = {
  type: "object",
  properties: { answer: { type: "string", title: "Your answer" } },
  required: ["answer"],
} as const;

/** What stands after "ask the customer", as a question. */
function questionIn(prose: string): string {
  const quoted = /[“"]([^”"]{3,500})[”"]/u.exec(prose)?.[1];
  if (quoted !== undefined) return quoted;
  const [, asked] =
    /\bask(?:s|ing)?\s+(?:the\s+|an?\s+|our\s+|my\s+)?(?:customer|user|client|them|me|colleague|somebody|someone)s?\b[\s,:]*(?:by (?:a )?link)?[\s,:]*([^\n]{3,500})/iu.exec(
      prose,
    ) ?? [];
  const text = (asked ?? "What should I know?").replace(/\s+and wait\b.*$/iu, "").replace(/[.,\s]+$/u, "");
  const question = text.charAt(0).toUpperCase() + text.slice(1);
  return question.endsWith("?") ? question : `${question}?`;
}
