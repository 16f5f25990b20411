import { type Json, storableJson, storableText } from "../../packages/platos-tasks/src/core/json.ts";
import type { StubReply } from "../../packages/platos-tasks/src/testing/openai-stub.ts";
import type { Random } from "../harness/random.ts";
import { deepJson, hostileObject, hostilePages, hostileTexts } from "./hostile-text.ts";

/** What hostile text comes in by, and what must come out. */
export interface HostileCase {
  /** The model's answers, one after the other; the last one is final. */
  readonly answers: readonly StubReply[];
  /** What it answers at first instead of the first of them, once. */
  readonly atFirst?: StubReply;
  /** Before the tag in its prompt. */
  readonly prompt?: string;
  readonly label?: string;
  readonly idempotencyKey?: string;
  /** What the tool `give` gives back. */
  readonly gives?: () => Json;
  /** What its output must read as, in the end. */
  readonly output: string;
  /** What the first result in its journal must read as. */
  readonly result?: Json;
  /** Only one of these at a time. */
  readonly isHuge?: true;
}

const megabyte = 1024 * 1024;
const done: StubReply = { text: "done" };
const giving: StubReply = { toolCalls: [{ name: "give", args: {} }] };
const stored = (value: Json): Json => JSON.parse(storableJson(value)) as Json;

export const hostileCases = {
  Answer(random) {
    const text = `it says ${random.pick(hostileTexts)}`;
    return { answers: [{ text }], output: storableText(text) };
  },
  ToolResult(random) {
    const value: Json = random.chance(0.5) ? random.pick(hostileTexts) : hostileObject(random.index(40));
    return { answers: [giving, done], gives: () => value, output: "done", ...resultOf(value) };
  },
  Arguments(random) {
    const args = hostileObject(random.index(40));
    return {
      answers: [{ toolCalls: [{ name: "echo", args, id: "c\0\uD800" }] }, done],
      output: "done",
      result: stored(args),
    };
  },
  Prompt(random) {
    const text = random.pick(hostileTexts).slice(0, 20_000);
    const few = text.slice(0, 150);
    return { answers: [done], prompt: text, label: few, idempotencyKey: `${random.unit()} ${few}`, output: "done" };
  },
  Said(random) {
    const text = `I say ${random.pick(hostileTexts)}`;
    const say = (kind: string) => ({ name: "messages_create", args: { kind, text } });
    const progress = { name: "report_progress", args: { message: text.slice(0, 400), fraction: 0.5 } };
    const answers = [{ toolCalls: [say("progress"), progress, say("result")] }, done];
    return { answers, output: storableText(text) };
  },
  Page(random, { pagesUrl }) {
    const [first = "", ...others] = Object.keys(hostilePages);
    const url = `${pagesUrl}/${random.pick([first, ...others])}`;
    return { answers: [{ toolCalls: [{ name: "fetch_url", args: { url, maxChars: 80_000 } }] }, done], output: "done" };
  },
  Child(random) {
    const prompt = `look into ${random.pick(hostileTexts).slice(0, 20_000)}`;
    const args = { prompt, label: random.pick(hostileTexts).slice(0, 150), idempotencyKey: prompt.slice(0, 200) };
    return { answers: [{ toolCalls: [{ name: "spawn_bgo", args }] }, done], output: "done" };
  },
  DeepArguments(random) {
    const depth = Math.round(10 ** random.between(2, 5));
    const call = { name: "echo", args: {} };
    const atFirst = { toolCalls: [{ ...call, argsText: `{"deep":${deepJson(depth)}}` }] };
    return { answers: [{ toolCalls: [call] }, done], atFirst, output: "done" };
  },
  DeepResult(random) {
    const depth = Math.round(10 ** random.between(2, 5));
    return { answers: [giving, done], gives: () => JSON.parse(deepJson(depth)) as Json, output: "done" };
  },
  HugeAnswer(random) {
    const text = random
      .pick(["long ", "lang é ", "\0\uD800 "])
      .repeat(4 * megabyte)
      .slice(0, 10 * megabyte);
    return { answers: [{ text }], output: storableText(text), isHuge: true };
  },
  HugeResult(random) {
    const isText = random.chance(0.5);
    const piece = "0123456789abcdef".repeat(64);
    const gives = (): Json =>
      isText
        ? piece.repeat(100 * 1024)
        : Array.from({ length: 100 * 1024 }, (_none, index) => ({ [`k${index}`]: piece }));
    return { answers: [giving, done], gives, output: "done", isHuge: true };
  },
} as const satisfies Record<string, (random: Random, world: { readonly pagesUrl: string }) => HostileCase>;

export type HostileCaseName = keyof typeof hostileCases;

/** What is short enough comes back as it is. */
function resultOf(value: Json): { readonly result?: Json } {
  const clean = stored(value);
  return JSON.stringify(clean).length < 150_000 ? { result: clean } : {};
}
