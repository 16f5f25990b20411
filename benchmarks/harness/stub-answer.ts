import { randomWords } from "./random-words.ts";

export interface StubAnswer {
  /** The last one is text; the ones before it call the tool. */
  readonly isLast: boolean;
  readonly turn: number;
  /** Of text, in every answer. */
  readonly bytes: number;
}

const words = randomWords(1_000_000, 1);
const usage = { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 };
let answers = 0;

export function completionJson(answer: StubAnswer): string {
  return json(messageOf(answer));
}

export function completionStream(answer: StubAnswer): string {
  return stream(messageOf(answer));
}

export interface StubCall {
  readonly name: string;
  readonly args: Readonly<Record<string, string>>;
}

/** One call of a tool, or a few words that end the run. */
export function callJson(call: StubCall | null): string {
  return json(messageOfCall(call));
}

export function callStream(call: StubCall | null): string {
  return stream(messageOfCall(call));
}

function json({ message, finishReason }: StubFinish): string {
  return JSON.stringify({
    id: `chatcmpl-${answers}`,
    object: "chat.completion",
    created: 1_700_000_000,
    model: "stub",
    choices: [{ index: 0, message, finish_reason: finishReason }],
    usage,
  });
}

function stream({ message, finishReason }: StubFinish): string {
  const { tool_calls: calls, ...rest } = message;
  const delta = calls === undefined ? rest : { ...rest, tool_calls: calls.map((call, index) => ({ index, ...call })) };
  const chunks = [
    { choices: [{ index: 0, delta, finish_reason: null }] },
    { choices: [{ index: 0, delta: {}, finish_reason: finishReason }] },
    { choices: [], usage },
  ];
  const head = { id: `chatcmpl-${answers}`, object: "chat.completion.chunk", created: 1_700_000_000, model: "stub" };
  return `${chunks.map((chunk) => `data: ${JSON.stringify({ ...head, ...chunk })}\n\n`).join("")}data: [DONE]\n\n`;
}

interface StubMessage {
  readonly role: "assistant";
  readonly content: string;
  readonly tool_calls?: readonly { id: string; type: "function"; function: { name: string; arguments: string } }[];
}

interface StubFinish {
  readonly message: StubMessage;
  readonly finishReason: string;
}

function messageOfCall(call: StubCall | null): StubFinish {
  answers += 1;
  if (call === null) return { message: { role: "assistant", content: "thank you" }, finishReason: "stop" };
  const made = { name: call.name, arguments: JSON.stringify(call.args) };
  const calls = [{ id: `call_${answers}`, type: "function", function: made }] as const;
  return { message: { role: "assistant", content: "", tool_calls: calls }, finishReason: "tool_calls" };
}

function messageOf({ isLast, turn, bytes }: StubAnswer): StubFinish {
  answers += 1;
  const content = textOf(bytes);
  if (isLast) return { message: { role: "assistant", content }, finishReason: "stop" };
  const call = { id: `call_${turn}`, type: "function", function: { name: "noop", arguments: "{}" } } as const;
  return { message: { role: "assistant", content, tool_calls: [call] }, finishReason: "tool_calls" };
}

/** Each answer is another piece of the words. */
function textOf(bytes: number): string {
  const from = (answers * 7919) % (words.length - bytes);
  return words.slice(from, from + bytes);
}
