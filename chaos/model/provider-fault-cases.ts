import type { StubReply } from "../../packages/platos-tasks/src/testing/openai-stub.ts";
import { modelFaults } from "../harness/outside/model-faults.ts";
import { sinkToolNames } from "../harness/outside/sink-tools.ts";
import type { NetworkFault } from "./broken-network.ts";

export interface FaultCase {
  /** Laid over the answer that it should have been. */
  readonly reply?: (name: string) => StubReply;
  /** The request never gets there. */
  readonly network?: NetworkFault;
  /**
   * `tried_again`: no answer, so it is asked for again. `endured`: the answer is slow and comes. `taken`: an answer with
   * calls that cannot all be run as they are; the model is told and goes on. `final`: the BGO fails at once.
   */
  readonly kind: "tried_again" | "endured" | "taken" | "final";
  /** What the message of a BGO must say that meets it for ever. */
  readonly why: RegExp;
  /** It is known by how long it takes. */
  readonly takesTime?: true;
  /** An answer in one piece cannot meet it. */
  readonly isOfStreams?: true;
}

const {
  slow_drip: _drip,
  huge_output: _huge,
  duplicate_call_ids: _ids,
  truncated_tool_json: _json,
  ...plain
} = modelFaults;

const laidOver = (reply: StubReply): Pick<FaultCase, "reply" | "kind"> => ({ reply: () => reply, kind: "tried_again" });

/** Every fault of a provider and of the way to it. Time passes a few hundred times as fast as told to the product. */
export const faultCases: Readonly<Record<string, FaultCase>> = {
  // Those that cost time come first.
  hang: { ...laidOver(plain.hang), takesTime: true, why: /nothing came for \d+ seconds|took too long/u },
  stall: { ...laidOver(plain.stall), takesTime: true, why: /nothing came for \d+ seconds|took too long/u },
  connect_timeout: {
    network: "connect_timeout",
    kind: "tried_again",
    why: /Cannot connect|Connect Timeout/u,
  },
  slow_drip: {
    reply: () => ({ delayMs: 550, pieceChars: 2, pieceDelayMs: 30 }),
    takesTime: true,
    kind: "endured",
    why: /./u,
  },
  name_unknown: { network: "name_unknown", kind: "tried_again", why: /ENOTFOUND/u },
  refused: { network: "refused", kind: "tried_again", why: /ECONNREFUSED/u },
  rate_limited: { ...laidOver(plain.rate_limited), why: /answered 429/u },
  rate_limited_with_hint: { ...laidOver(plain.rate_limited_with_hint), why: /answered 429/u },
  server_error: { ...laidOver(plain.server_error), why: /answered 500/u },
  unavailable: { ...laidOver(plain.unavailable), why: /answered 503/u },
  overloaded: { ...laidOver(plain.overloaded), why: /answered 529/u },
  reset: { ...laidOver(plain.reset), why: /ECONNRESET|other side closed|Cannot connect/u },
  mid_stream_error: { ...laidOver(plain.mid_stream_error), why: /[Oo]verloaded/u },
  cut: { ...laidOver(plain.cut), why: /cut off|broke off|finish reason|not whole JSON/u, isOfStreams: true },
  torn: { ...laidOver(plain.torn), why: /terminated|ECONNRESET|other side closed|Failed to process|cut off/u },
  not_json: { ...laidOver(plain.not_json), why: /JSON|finish reason/u },
  truncated_tool_json: {
    reply: (name) => ({
      ...modelFaults.truncated_tool_json,
      toolCalls: [{ name: sinkToolNames.at_most_once, args: { token: `${name} torn` } }],
    }),
    kind: "tried_again",
    why: /not whole JSON/u,
  },
  empty_reply: { ...laidOver(plain.empty_reply), why: /empty/u },
  unknown_tool: { reply: () => plain.unknown_tool, kind: "taken", why: /its \d+ model calls/u },
  duplicate_call_ids: {
    reply: (name) => ({
      toolCalls: ["left", "right"].map((side) => ({
        name: sinkToolNames.idempotent,
        args: { token: `${name} ${side}` },
        id: "same",
      })),
    }),
    kind: "taken",
    why: /its \d+ model calls/u,
  },
  refusal: { reply: () => plain.refusal, kind: "final", why: /refused/u },
};

export const faultNames = Object.keys(faultCases);
