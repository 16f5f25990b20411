import type { Json } from "../../packages/platos-tasks/src/core/json.ts";
import type { StubReply, StubToolCall } from "../../packages/platos-tasks/src/testing/openai-stub.ts";
import { misleadingFaults, type ModelFault, modelFaultNames } from "../harness/outside/model-faults.ts";
import type { ModelCall, ModelContext } from "../harness/outside/model-stub.ts";
import { Random } from "../harness/random.ts";
import { sinkToolNames } from "../harness/outside/sink-tools.ts";

/**
 * What a prompt asks of the scripted model, as the first word of its tag. `plain`: some rounds of tools, then a result;
 * `loop`: tools for ever; `slow`: a model call that hangs; `tick`: an answer at once; `family`: children, and a result
 * once all of them have ended; `napper` and `sleeper`, `asker`, `questioner`: waits for a time, for somebody outside, for the user;
 * `chat`: a turn that spawns.
 */
export type JobKind =
  | "plain"
  | "loop"
  | "slow"
  | "tick"
  | "family"
  | "napper"
  | "sleeper"
  | "asker"
  | "questioner"
  | "chat";

export function promptOf(kind: JobKind, name: string): string {
  return `Do it. [[${kind} ${name}]]`;
}

/** What a job spawns is named after it: `s1-7` has `s1-7.0`. */
export function childOf(name: string, ordinal: number): string {
  return `${name}.${ordinal}`;
}

const tools = Object.values(sinkToolNames) as [string, ...string[]];
const faultShare = 0.12;
/** After so many failures at one place the model behaves, so that every job gets through in the end. */
const faultyAttempts = 2;
const wakingShare = 0.3;

/** One place of a conversation, and what is drawn there. */
interface Moment {
  readonly name: string;
  readonly turn: number;
  readonly random: Random;
  readonly context: ModelContext;
}

type Script = (moment: Moment) => StubReply;

const done: Script = ({ name }) => ({ text: `Done with ${name}.` });

const sleeping = (ms: number): StubReply => calling("wait_until", { until: new Date(Date.now() + ms).toISOString() });

/** The answers of a conversation in their order; after the last of them it is done. */
const inTurn =
  (...scripts: readonly Script[]): Script =>
  (moment) =>
    (scripts[moment.turn] ?? done)(moment);

const calling = (name: string, args: StubToolCall["args"]): StubReply => ({ toolCalls: [{ name, args }] });

const scripts: Readonly<Record<Exclude<JobKind, "plain" | "loop">, Script>> = {
  slow: done,
  tick: done,
  family: inTurn(({ name, random }) => spawning(name, 1 + random.index(2)), awaitingChildren),
  napper: inTurn(({ random }) => sleeping(random.between(45_000, 65_000))),
  sleeper: inTurn(({ random }) => sleeping(random.between(1000, 6000))),
  asker: inTurn(({ name, random }) =>
    calling("wait_for_token", { question: `What of ${name}?`, timeoutSeconds: 10 + random.index(30) }),
  ),
  questioner: inTurn(({ name, random }) =>
    calling("wait_for_reply", { question: `And ${name}?`, timeoutSeconds: 10 + random.index(30) }),
  ),
  chat: ({ name, turn, random }) => {
    if (turn > 0) return { text: `Started for ${name}.` };
    return spawning(name, 1 + random.index(2), random.chance(wakingShare) ? { onComplete: "wake" } : {});
  },
};

/** The answer of a model that works: a function of the seed, the job and the turn, of what its tools told and of the time. */
export function stormScript(seed: number): (call: ModelCall, context: ModelContext) => StubReply {
  return ({ tag, turn }, context) => {
    if (context.isWoken) return { text: "Noted." };
    const [kind = "", name = ""] = tag.split(" ");
    const random = Random.of(seed, "model", tag, turn);
    const delayMs = Math.round(random.between(5, 250));
    const rounds = kind === "loop" ? Number.POSITIVE_INFINITY : Random.of(seed, "rounds", tag).index(4);
    const script = new Map(Object.entries(scripts)).get(kind) ?? inRounds(rounds);
    return { ...script({ name, turn, random, context }), delayMs };
  };
}

function inRounds(rounds: number): Script {
  return (moment) => {
    const { name, turn, random } = moment;
    if (turn >= rounds) return done(moment);
    const calls = 1 + random.index(3);
    return {
      toolCalls: Array.from({ length: calls }, (_, ordinal) => ({
        name: random.pick(tools),
        args: { token: `${name}:${turn}:${ordinal}` },
      })),
    };
  };
}

function spawning(name: string, count: number, more: Readonly<Record<string, Json>> = {}): StubReply {
  const toolCalls = Array.from({ length: count }, (_, ordinal): StubToolCall => ({
    name: "spawn_bgo",
    args: { prompt: promptOf("plain", childOf(name, ordinal)), ...more },
  }));
  return { toolCalls };
}

function awaitingChildren(moment: Moment): StubReply {
  const children = moment.context.toolResults.flatMap((result) => /"bgoId":"(bgo_[^"]+)"/u.exec(result)?.[1] ?? []);
  // A cap has refused them.
  if (children.length === 0) return done(moment);
  return { toolCalls: children.map((bgoId) => ({ name: "wait_for_bgo", args: { bgoId } })) };
}

/** What goes wrong instead, if anything: drawn by place, so that asking again is another draw. */
export function stormFault(seed: number): (call: ModelCall) => ModelFault | null {
  return ({ tag, turn, attempt }) => {
    if (tag.startsWith("slow ")) return "hang";
    const random = Random.of(seed, "fault", tag, turn, attempt);
    const fault = attempt < faultyAttempts && random.chance(faultShare) ? random.pick(modelFaultNames) : null;
    // What a chat does for its message is known, and looked for in the end.
    return tag.startsWith("chat ") && fault !== null && misleadingFaults.includes(fault) ? null : fault;
  };
}
