import type { Step } from "../../packages/platos-tasks/src/core/journal.ts";
import { textOfMessage } from "../../packages/platos-tasks/src/core/message.ts";
import type { BgoRow } from "../../packages/platos-tasks/src/core/ports/store.ts";
import { maxAttempts } from "../../packages/platos-tasks/src/core/retry.ts";
import type { Tool } from "../../packages/platos-tasks/src/core/tool.ts";
import { textOf } from "../../packages/platos-tasks/src/core/transcript.ts";
import { spawnBgo } from "../../packages/platos-tasks/src/operations/spawn-bgo.ts";
import { createTestAgent } from "../../packages/platos-tasks/src/testing/test-runtime.ts";
import { type EffectSink, effectViolations, startEffectSink } from "../harness/outside/effect-sink.ts";
import { createSinkTools, sinkToolNames } from "../harness/outside/sink-tools.ts";
import { opened } from "../harness/closing.ts";
import { endedOnce } from "../harness/race/ended-once.ts";
import { type RaceEnd, stagedRaceExercise, type Trial } from "../harness/race/run-race.ts";
import {
  caseOf,
  type Conversation,
  FaultyProvider,
  type Pattern,
  patterns,
  takenBefore,
  toldFirst,
  toldLast,
  tokensOf,
} from "./faulty-provider.ts";
import { playToTheEnd } from "./play-to-the-end.ts";
import { faultNames } from "./provider-fault-cases.ts";

const timesEach = 20;
const others: readonly Pattern[] = ["First", "Second", "FourTimes"];
/** A BGO that meets its fault for ever makes as many calls as several of the others. */
const rounds: readonly Pattern[] = ["Always", ...others, ...others, ...others];
const maxTurns = 6;
/** What one model call tries at most. */
const maxTries = 3;
/** Retries that are saved up, and what each call earns of one. */
const burst = 20;
const retriesPerCall = 0.2;

interface Stage {
  readonly provider: FaultyProvider;
  readonly sink: EffectSink;
  readonly tools: readonly Tool[];
}

/** F37, F38: whatever a provider does instead of answering, BGOs end as they should, and it is not stormed. */
export const providerFaults = stagedRaceExercise<Stage>({
  summary: `${faultNames.length} faults of a provider and of the way to it, once, several times and for ever`,
  ciTrials: timesEach * faultNames.length,
  releaseTrials: 10 * timesEach * faultNames.length,
  lanes: 24,
  runtimes: 2,
  mustHappen: [...patterns.map((pattern) => `met${pattern}`), "streamed", "inOnePiece"],
  async prepare(ground, closing) {
    const sink = await opened(closing, startEffectSink);
    const provider = await opened(closing, () => FaultyProvider.start());
    for (const fault of faultNames) {
      await createTestAgent(ground.runtimes[0], ground.tenant, {
        slug: fault.replaceAll("_", "-"),
        model: `openai-compatible:${fault}`,
        tools: Object.values(sinkToolNames),
        budget: { maxTurns },
      });
    }
    return { provider, sink, tools: createSinkTools(sink.url) };
  },
  async run(trial, { provider, sink, tools }) {
    const { ground, index, count } = trial;
    const fault = faultNames[index % faultNames.length] ?? "";
    const time = Math.floor(index / faultNames.length);
    const pattern = rounds[time % rounds.length] ?? "Always";
    const isStreamed = caseOf({ fault }).isOfStreams === true || Math.floor(time / rounds.length) % 2 === 1;
    const name = String(index);
    const conversation = provider.expect(name, { fault, pattern, isStreamed });
    const agent = fault.replaceAll("_", "-");
    const { bgo } = await spawnBgo(ground.operations(index), ground.tenant, { agent, prompt: `Do it. [[${name}]]` });
    const ended = await playToTheEnd(trial, { bgoId: bgo.id, model: provider.modelOf(conversation), tools });
    await expectEnd(trial, { bgo: ended, conversation, name });
    const effects = sink.effects.filter(({ token }) => token.split(" ")[0] === name).map(({ token }) => token);
    expectEffects(trial, { effects, bgo: ended, conversation, name });
    count(`met${pattern}`);
    count(isStreamed ? "streamed" : "inOnePiece");
  },
  async conclude(end, { provider, sink }) {
    for (const violation of effectViolations(sink.effects)) end.alarm(violation);
    for (const fault of faultNames) {
      tellOf(
        end,
        fault,
        provider.conversations.filter((conversation) => conversation.fault === fault),
      );
    }
  },
});

interface Ended {
  readonly bgo: BgoRow;
  readonly conversation: Conversation;
  readonly name: string;
}

function endsWell(conversation: Conversation): boolean {
  const { kind } = caseOf(conversation);
  return kind === "endured" || (kind !== "final" && conversation.pattern !== "Always");
}

async function expectEnd(trial: Trial, ended: Ended): Promise<void> {
  const { ground, alarm: plainAlarm } = trial;
  const { bgo, conversation, name } = ended;
  const alarm = (sentence: string): void => plainAlarm(`${conversation.fault}${conversation.pattern}: ${sentence}`);
  const status = await endedOnce(ground, bgo.id, alarm);
  const isWell = endsWell(conversation);
  if (status !== (isWell ? "completed" : "failed")) {
    return alarm(`F37: it has ended as ${String(status)}: ${bgo.error?.message ?? ""}`);
  }
  const [message] = (
    await ground
      .operations(0)
      .store.autocommit.messages.list(ground.tenant.scope, bgo.threadId, { afterSeq: 0, limit: 10 })
  ).filter(({ terminal }) => terminal);
  const said = message === undefined ? "" : textOfMessage(message);
  const { why, kind } = caseOf(conversation);
  if (isWell ? said !== toldLast(name) : !why.test(said)) alarm(`F37: its message says: ${said.slice(0, 300)}`);
  if (!isWell && kind === "tried_again" && bgo.attempt !== maxAttempts)
    alarm(`F37: it failed at attempt ${bgo.attempt}`);
  if (conversation.requests > conversation.calls * maxTries) {
    alarm(`F37: ${conversation.calls} model calls made ${conversation.requests} requests`);
  }
  const steps = await ground.operations(0).store.autocommit.journal.read({ id: bgo.id });
  expectJournal(alarm, { ...ended, steps: steps.map(({ step }) => step) });
}

/** F38: what stands in the journal is what a provider has said to the end. */
function expectJournal(
  alarm: (sentence: string) => void,
  { bgo, conversation, name, steps }: Ended & { readonly steps: readonly Step[] },
): void {
  const { kind } = caseOf(conversation);
  const answers = steps.flatMap((step) => (step.kind === "model" ? [step.response] : []));
  const taken = kind === "taken" ? takenBefore(conversation, answers.length) : 0;
  const whole = answers.filter(({ parts }) => [toldFirst, toldLast(name)].includes(textOf(parts)));
  if (answers.length - whole.length > taken) {
    alarm(`F38: its journal holds ${JSON.stringify(answers.map(({ parts }) => textOf(parts)))}`);
  }
  const expected = bgo.status === "completed" ? 2 + taken : kind === "taken" ? maxTurns : whole.length;
  if (answers.length !== expected) alarm(`F38: its journal holds ${answers.length} answers instead of ${expected}`);
  const calls = answers.flatMap(({ parts }) =>
    parts.flatMap((part) => (part.type === "tool_call" ? [part.callId] : [])),
  );
  const results = steps.flatMap((step) => (step.kind === "tool_result" ? [step.result.callId] : []));
  if (new Set(calls).size !== calls.length || calls.toSorted().join() !== results.toSorted().join()) {
    alarm(`I7: its calls are ${calls.join(", ")} and its results ${results.join(", ")}`);
  }
}

/** Each effect that was asked for happened once, and none of an answer that did not count. */
function expectEffects(
  { alarm }: Trial,
  { effects, bgo, conversation, name }: Ended & { readonly effects: readonly string[] },
): void {
  const { fault, pattern } = conversation;
  const twins = Array.from({ length: fault === "duplicate_call_ids" ? bgo.modelCalls : 0 }, (_none, turn) =>
    takenBefore(conversation, turn + 1) > takenBefore(conversation, turn)
      ? [`${name} ${turn} left`, `${name} ${turn} right`]
      : [],
  ).flat();
  const looked = bgo.status === "completed" || pattern === "Second" ? tokensOf(name) : [];
  const expected = [...twins, ...looked].toSorted().join();
  const seen = effects.toSorted().join();
  if (seen !== expected) alarm(`I8: ${fault}${pattern} had the effects [${seen}] instead of [${expected}]`);
}

/** The storm rule: tries within calls stay a fraction of the calls. */
function tellOf({ figure, alarm }: RaceEnd, fault: string, conversations: readonly Conversation[]): void {
  const sum = (of: (conversation: Conversation) => number): number =>
    conversations.reduce((total, conversation) => total + of(conversation), 0);
  const calls = sum((conversation) => conversation.calls);
  const requests = sum((conversation) => conversation.requests);
  figure(`${fault}Calls`, calls);
  figure(`${fault}Requests`, requests);
  const allowed = calls * (1 + retriesPerCall) + burst;
  if (requests > allowed) alarm(`F37: ${fault}: ${calls} model calls made ${requests} requests, more than ${allowed}`);
}
