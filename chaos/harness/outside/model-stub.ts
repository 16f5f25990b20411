import {
  startOpenAiStub,
  type StubReply,
  type StubRequest,
} from "../../../packages/platos-tasks/src/testing/openai-stub.ts";
import { type ModelFault, modelFaults } from "./model-faults.ts";

/** Where a conversation stands, as far as it tells: the answer is a function of it (and of a seed). */
export interface ModelTurn {
  /** What stands in `[[…]]` in the last user message that has it: `plain j17`. Empty when none has. */
  readonly tag: string;
  /** How many answers have followed that message. */
  readonly turn: number;
}

export interface ModelCall extends ModelTurn {
  /** 0 for the first call at this place, 1 for the next: a model that is asked again. */
  readonly attempt: number;
}

export interface SeenModelCall extends ModelCall {
  readonly atMs: number;
  readonly fault: ModelFault | null;
  readonly isStreamed: boolean;
  /** When the client dropped the connection before it had the whole answer. */
  readonly goneAtMs: number | null;
}

/** What else a model that behaves goes by. */
export interface ModelContext {
  /** Results of background operations come last: nobody has asked for anything since. */
  readonly isWoken: boolean;
  /** What came of the tools that it has just called, in their order. */
  readonly toolResults: readonly string[];
}

export interface ModelStubOptions {
  /** What a model that behaves would answer. */
  readonly script: (call: ModelCall, context: ModelContext) => StubReply;
  /** What happens instead; null for nothing. */
  readonly fault?: (call: ModelCall) => ModelFault | null;
  /** Sees each call before it is answered. */
  readonly onCall?: (call: SeenModelCall) => Promise<void> | void;
}

export interface ModelStub {
  /** For `OPENAI_COMPATIBLE_BASE_URL`. */
  readonly baseUrl: string;
  readonly calls: readonly SeenModelCall[];
  /** No more faults from now on: it drops every call, and answers those that are made again. */
  calm(): void;
  close(): Promise<void>;
}

/** A model over HTTP (OpenAI chat completions, whole and streamed) that answers by script and fails by plan. */
export async function startModelStub(options: ModelStubOptions): Promise<ModelStub> {
  const calls: { -readonly [Field in keyof SeenModelCall]: SeenModelCall[Field] }[] = [];
  const attempts = new Map<string, number>();
  // The request's object is what the stub names a call by.
  const seenAs = new WeakMap<StubRequest, (typeof calls)[number]>();
  let isCalm = false;
  const stub = await startOpenAiStub({
    record: false,
    async reply(request) {
      const place = placeOf(request);
      const key = `${place.tag} ${place.turn}`;
      const attempt = attempts.get(key) ?? 0;
      attempts.set(key, attempt + 1);
      const call = { ...place, attempt };
      const fault = isCalm ? null : (options.fault?.(call) ?? null);
      const seen = { ...call, atMs: Date.now(), fault, isStreamed: request.stream, goneAtMs: null };
      calls.push(seen);
      seenAs.set(request, seen);
      await options.onCall?.(seen);
      const reply = options.script(call, contextOf(request));
      return fault === null ? reply : { ...reply, ...modelFaults[fault] };
    },
    onGone(request) {
      const seen = seenAs.get(request);
      // What is dropped to make it calm was not left by the client.
      if (seen !== undefined && !isCalm) seen.goneAtMs = Date.now();
    },
  });
  return {
    baseUrl: stub.baseUrl,
    calls,
    calm() {
      isCalm = true;
      stub.dropConnections();
    },
    close: () => stub.close(),
  };
}

function placeOf({ messages }: StubRequest): ModelTurn {
  const last = messages.findLastIndex(({ role, content }) => role === "user" && tagIn(content) !== null);
  const turn = messages.slice(last + 1).filter(({ role }) => role === "assistant").length;
  return { tag: tagIn(messages[last]?.content) ?? "", turn };
}

function contextOf({ messages }: StubRequest): ModelContext {
  const lastOfUser = messages.findLast(({ role }) => role === "user")?.content;
  const sinceLastAnswer = messages.slice(messages.findLastIndex(({ role }) => role === "assistant") + 1);
  return {
    isWoken: typeof lastOfUser === "string" && endsInResult.test(lastOfUser.replaceAll(questions, "")),
    toolResults: sinceLastAnswer.flatMap(({ role, content }) =>
      role === "tool" && typeof content === "string" ? [content] : [],
    ),
  };
}

// What background operations have written is data, whatever tags it quotes.
const results = /<background_result>.*?<\/background_result>/gsu;
const questions = /<background_question>.*?<\/background_question>/gsu;
const endsInResult = /<\/background_result>(?:(?!\[\[).)*$/su;

function tagIn(text: unknown): string | null {
  if (typeof text !== "string") return null;
  // Messages that were never answered reach a model joined to the next one: the last tag counts.
  return (
    [
      ...text
        .replaceAll(results, "")
        .replaceAll(questions, "")
        .matchAll(/\[\[([^\]]+)\]\]/gu),
    ].at(-1)?.[1] ?? null
  );
}
