import { rulesReply } from "../../packages/platos-tasks/src/testing/openai-stub-rules.ts";
import { type OpenAiStub, startOpenAiStub } from "../../packages/platos-tasks/src/testing/openai-stub.ts";
import type { AssistantPart, TranscriptEntry } from "../../packages/platos-tasks/src/core/transcript.ts";

export const question = "Which colour shall the fence have?";

/** An agent for painting jobs: it has a sub-agent ask the customer, and that one reports what was said. */
export function startPainterModel(): Promise<OpenAiStub> {
  return startOpenAiStub({
    reply: rulesReply(({ transcript, tools }) => {
      // A sub-agent may spawn as well.
      const isChat = !tools.some(({ name }) => name === "wait_for_reply");
      return isChat ? chat(transcript) : subAgent(transcript);
    }),
  });
}

function chat(transcript: readonly TranscriptEntry[]): AssistantPart[] {
  const last = transcript.at(-1);
  if (last?.role === "tool") return [say("I am asking the customer; the answer will arrive here.")];
  const hasSpawned = transcript.some((entry) => entry.role === "assistant");
  if (hasSpawned) return [say("Thank you, I have passed it on.")];
  return [call("ask", "spawn_bgo", { prompt: "Ask the customer for the colour of the fence and order the paint." })];
}

function subAgent(transcript: readonly TranscriptEntry[]): AssistantPart[] {
  const results = transcript.flatMap((entry) => (entry.role === "tool" ? entry.results : []));
  const [answer] = results;
  if (answer === undefined) return [call("colour", "wait_for_reply", { question })];
  const { reply } = answer.output as { readonly reply?: string };
  return [say(`Paint ordered. The customer said: ${reply ?? "nothing"}`)];
}

function say(text: string): AssistantPart {
  return { type: "text", text };
}

function call(callId: string, tool: string, args: Readonly<Record<string, string>>): AssistantPart {
  return { type: "tool_call", callId, tool, args };
}
