import type { StubReply, StubToolCall } from "../../packages/platos-tasks/src/testing/openai-stub.ts";
import { type ModelFault, modelFaultNames } from "../harness/outside/model-faults.ts";
import type { ModelCall } from "../harness/outside/model-stub.ts";
import { Random } from "../harness/random.ts";
import { sinkToolNames } from "../harness/outside/sink-tools.ts";

/**
 * What a prompt asks of the scripted model, as the first word of its tag. `plain`: some rounds of tools, then a result;
 * `loop`: tools for ever; `slow`: a model call that hangs; `chat`: a turn that spawns.
 */
export type JobKind = "plain" | "loop" | "slow" | "chat";

export function promptOf(kind: JobKind, name: string): string {
  return `Do it. [[${kind} ${name}]]`;
}

const tools = Object.values(sinkToolNames) as [string, ...string[]];
const faultShare = 0.12;
/** After so many failures at one place the model behaves, so that every job gets through in the end. */
const faultyAttempts = 2;

/** The answer of a model that works: a function of the seed, the job and the turn. */
export function stormScript(seed: number): (call: ModelCall) => StubReply {
  return ({ tag, turn }) => {
    const [kind = "", name = ""] = tag.split(" ");
    const random = Random.of(seed, "model", tag, turn);
    const delayMs = Math.round(random.between(5, 250));
    if (kind === "chat") return turn === 0 ? spawning(name, random) : { text: `Started for ${name}.`, delayMs };
    const rounds = kind === "loop" ? Number.POSITIVE_INFINITY : Random.of(seed, "rounds", tag).index(4);
    if (turn >= rounds) return { text: `Done with ${name}.`, delayMs };
    const calls = 1 + random.index(3);
    return {
      delayMs,
      toolCalls: Array.from({ length: calls }, (_, ordinal) => ({
        name: random.pick(tools),
        args: { token: `${name}:${turn}:${ordinal}` },
      })),
    };
  };
}

function spawning(name: string, random: Random): StubReply {
  const toolCalls = Array.from({ length: 1 + random.index(2) }, (_, ordinal): StubToolCall => ({
    name: "spawn_bgo",
    args: { prompt: promptOf("plain", `${name}-${ordinal}`) },
  }));
  return { toolCalls };
}

/** What goes wrong instead, if anything: drawn by place, so that asking again is another draw. */
export function stormFault(seed: number): (call: ModelCall) => ModelFault | null {
  return ({ tag, turn, attempt }) => {
    if (tag.startsWith("slow ")) return "hang";
    const random = Random.of(seed, "fault", tag, turn, attempt);
    return attempt < faultyAttempts && random.chance(faultShare) ? random.pick(modelFaultNames) : null;
  };
}
