import { createAiSdkModel } from "../../packages/platos-tasks/src/agent-loop/ai-sdk-model.ts";
import { createProviders } from "../../packages/platos-tasks/src/agent-loop/providers.ts";
import { silentLog } from "../../packages/platos-tasks/src/core/ports/log.ts";
import type { ModelPort } from "../../packages/platos-tasks/src/core/ports/model.ts";
import type { StubReply } from "../../packages/platos-tasks/src/testing/openai-stub.ts";
import { type ModelStub, startModelStub } from "../harness/outside/model-stub.ts";
import { sinkToolNames } from "../harness/outside/sink-tools.ts";
import { type BrokenNetwork, type NetworkFault, openBrokenNetwork } from "./broken-network.ts";
import { fastClock } from "./fast-clock.ts";
import { type FaultCase, faultCases, faultNames } from "./provider-fault-cases.ts";

/** Three minutes are five seconds, so that no answer is taken for slow that a busy machine keeps waiting. */
const speed = 36;
/** Three minutes are less than half a second, for those that are slow. */
const slowSpeed = 400;

/**
 * When a BGO meets its fault: for ever, once at its first call or at the one after its tools ran, or four times in a
 * row, which is more than one model call tries.
 */
export const patterns = ["Always", "First", "Second", "FourTimes"] as const;

export type Pattern = (typeof patterns)[number];

const fourTimes = 4;

/** One BGO's dealings with the provider. */
export interface Conversation {
  readonly fault: string;
  readonly pattern: Pattern;
  readonly isStreamed: boolean;
  /** Requests so far that were not answered, or not as the script has it. */
  dealt: number;
  /** Model calls that were begun. */
  calls: number;
  /** Requests that left for the provider, whether they got there or not. */
  requests: number;
}

export const toldFirst = "I look into it.";
export const toldLast = (name: string): string => `Done with ${name}.`;

/** The effects of a conversation that goes well. */
export const tokensOf = (name: string): readonly string[] => [`${name} once`, `${name} again`];

/** A provider that fails by plan, behind a network that does, and the model ports that talk to it. */
export class FaultyProvider {
  readonly #conversations = new Map<string, Conversation>();
  readonly #models = new Map<string, ModelPort>();
  #stub: ModelStub | null = null;
  #network: BrokenNetwork | null = null;

  static async start(): Promise<FaultyProvider> {
    const provider = new FaultyProvider();
    const stub = await startModelStub({ script: ({ tag, turn }) => provider.#reply(tag, turn) });
    const network = await openBrokenNetwork((body) => provider.#pass(body));
    provider.#stub = stub;
    provider.#network = network;
    const openaiCompatible = { baseUrl: stub.baseUrl };
    for (const fault of faultNames) {
      // Each with a retry budget of its own, as if it were the only provider.
      const providers = createProviders({ openaiCompatible, fetch: network.fetch });
      provider.#models.set(
        fault,
        createAiSdkModel({
          providers,
          clock: fastClock(caseOf({ fault }).takesTime === true ? slowSpeed : speed),
          log: silentLog,
        }),
      );
    }
    return provider;
  }

  /** Begins a conversation whose prompt is tagged with this name. */
  expect(name: string, of: Pick<Conversation, "fault" | "pattern" | "isStreamed">): Conversation {
    const conversation = { ...of, dealt: 0, calls: 0, requests: 0 };
    this.#conversations.set(name, conversation);
    return conversation;
  }

  get conversations(): readonly Conversation[] {
    return [...this.#conversations.values()];
  }

  modelOf(conversation: Conversation): ModelPort {
    const model = this.#models.get(conversation.fault);
    if (model === undefined) throw new Error(`There is no fault ${conversation.fault}.`);
    return {
      respond: (request) => {
        conversation.calls += 1;
        // Whoever watches gets a stream.
        return model.respond(conversation.isStreamed ? { ...request, onText: () => undefined } : request);
      },
    };
  }

  async close(): Promise<void> {
    await this.#network?.close();
    await this.#stub?.close();
  }

  /** Sees each request as it leaves. */
  #pass(body: string): NetworkFault | null {
    const name = /\[\[([^\]]+)\]\]/u.exec(body)?.[1] ?? "";
    const conversation = this.#conversations.get(name);
    if (conversation === undefined) throw new Error(`Nobody expects a conversation ${name}.`);
    conversation.requests += 1;
    const { network } = caseOf(conversation);
    const turn = body.split('"role":"assistant"').length - 1;
    if (network === undefined || !meetsFault(conversation, turn)) return null;
    conversation.dealt += 1;
    return network;
  }

  #reply(name: string, turn: number): StubReply {
    const conversation = this.#conversations.get(name);
    if (conversation === undefined) throw new Error(`Nobody expects a conversation ${name}.`);
    const { kind, reply: over } = caseOf(conversation);
    // An answer that was taken stands in the conversation; the script goes on where it was.
    const place = kind === "taken" ? turn - takenBefore(conversation, turn) : turn;
    const reply = answerAt(place, name);
    if (over === undefined || !meetsFault(conversation, turn)) return reply;
    conversation.dealt += 1;
    return { ...reply, ...over(`${name} ${turn}`) };
  }
}

export function caseOf({ fault }: Pick<Conversation, "fault">): FaultCase {
  const found = faultCases[fault];
  if (found === undefined) throw new Error(`There is no fault ${fault}.`);
  return found;
}

/**
 * What is asked for again is another try; what is taken stands in the conversation, and whoever asks for it twice, as
 * one whose first try took too long, gets it twice.
 */
function meetsFault(conversation: Conversation, turn: number): boolean {
  const { pattern, dealt } = conversation;
  const isTriedAgain = caseOf(conversation).kind === "tried_again";
  switch (pattern) {
    case "Always":
      return true;
    case "First":
      return turn === 0 && (!isTriedAgain || dealt < 1);
    case "Second":
      return turn === 1 && (!isTriedAgain || dealt < 1);
    case "FourTimes":
      return isTriedAgain ? turn === 0 && dealt < fourTimes : turn < fourTimes;
  }
}

/** Of the answers before this turn, how many were a fault that was taken. */
export function takenBefore(conversation: Conversation, turn: number): number {
  return Array.from({ length: turn }, (_none, before) => before).filter((before) => meetsFault(conversation, before))
    .length;
}

function answerAt(place: number, name: string): StubReply {
  if (place > 0) return { text: toldLast(name) };
  const [once = "", again = ""] = tokensOf(name);
  return {
    text: toldFirst,
    toolCalls: [
      { name: sinkToolNames.at_most_once, args: { token: once } },
      { name: sinkToolNames.idempotent, args: { token: again } },
    ],
  };
}
