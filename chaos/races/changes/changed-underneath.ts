import type { Agent } from "../../../packages/platos-tasks/src/core/agent.ts";
import type { TerminalStatus } from "../../../packages/platos-tasks/src/core/lifecycle.ts";
import type { BgoRow } from "../../../packages/platos-tasks/src/core/ports/store.ts";
import type { Tool } from "../../../packages/platos-tasks/src/core/tool.ts";
import { spawnBgo } from "../../../packages/platos-tasks/src/operations/spawn-bgo.ts";
import type { StubReply } from "../../../packages/platos-tasks/src/testing/openai-stub.ts";
import { createTestAgent, createTestThread } from "../../../packages/platos-tasks/src/testing/test-runtime.ts";
import { type Account, ChangingProvider } from "./changing-provider.ts";
import { endedOnce } from "../../harness/race/ended-once.ts";
import { HeldTools } from "./held-tools.ts";
import { opened } from "../../harness/closing.ts";
import { runSegment } from "../../harness/race/played-worker.ts";
import { stagedRaceExercise, type Trial } from "../../harness/race/run-race.ts";

/** What the change leads to: how the BGO ends, and words that its one message must hold. */
interface Promised {
  readonly status: TerminalStatus;
  readonly says: RegExp;
}

interface Scene {
  readonly trial: Trial;
  readonly provider: ChangingProvider;
  readonly account: Account;
  readonly agent: Agent;
  readonly bgo: BgoRow;
  readonly tools: HeldTools;
}

interface Change {
  readonly first: StubReply;
  readonly next?: readonly StubReply[];
  readonly promised: Promised;
  play(scene: Scene): Promise<void>;
}

const oldKey = (index: number): string => `sk-revoked-of-trial-${index}`;
const newKey = (index: number): string => `sk-new-of-trial-${index}`;
const newModel = (agent: Agent): string => `${agent.slug}-newer`;
const call = (name: string): StubReply => ({ toolCalls: [{ name, args: {} }] });
const ask: StubReply = { toolCalls: [{ name: "wait_for_token", args: { question: "Ready?" } }] };

const goesOn: Promised = { status: "completed", says: /told: .*looked/u };
const answered: Promised = { status: "completed", says: /told: .*ready/u };
const keyless: Promised = { status: "failed", says: /401.*Check OPENAI_COMPATIBLE_API_KEY/u };
const modelless: Promised = { status: "failed", says: /404.*has been retired.*Check the model's name/u };

/** What may happen to what a BGO depends on, while it runs and while it waits. */
const changes = {
  agentEditedWhileItRuns: { first: call("look"), promised: goesOn, play: (scene) => amidItsRun(scene, edit) },
  agentEditedWhileItWaits: { first: ask, promised: answered, play: (scene) => amidItsWait(scene, edit) },
  agentDeletedWhileItRuns: { first: call("look"), promised: goesOn, play: (scene) => amidItsRun(scene, remove) },
  agentDeletedWhileItWaits: { first: ask, promised: answered, play: (scene) => amidItsWait(scene, remove) },
  toolRemovedWhileItWaits: {
    first: ask,
    next: [call("look")],
    promised: { status: "completed", says: /told: .*There is no tool \\?"look\\?"/u },
    play: (scene) => amidItsWait(scene, async () => undefined, { withoutTools: true }),
  },
  pureToolRemovedAmidItsCall: {
    first: call("look"),
    promised: { status: "completed", says: /told: .*There is no tool \\?"look\\?"/u },
    play: (scene) => amidItsCall(scene),
  },
  onceToolRemovedAmidItsCall: {
    first: call("act"),
    promised: { status: "completed", says: /told: .*outcome unknown, not retried/u },
    play: (scene) => amidItsCall(scene),
  },
  keyRevokedWhileItRuns: { first: call("look"), promised: keyless, play: (scene) => amidItsRun(scene, revoke) },
  keyRevokedWhileItWaits: { first: ask, promised: keyless, play: (scene) => amidItsWait(scene, revoke) },
  keyRotatedWhileItWaits: {
    first: ask,
    promised: answered,
    play: (scene) => amidItsWait(scene, revoke, { key: newKey(scene.trial.index) }),
  },
  modelRetiredWhileItRuns: { first: call("look"), promised: modelless, play: (scene) => amidItsRun(scene, retire) },
  modelRetiredWhileItWaits: { first: ask, promised: modelless, play: (scene) => amidItsWait(scene, retire) },
} as const satisfies Record<string, Change>;

const names = Object.keys(changes) as [keyof typeof changes, ...(keyof typeof changes)[]];

/** F28: what a BGO was given is what it keeps; what is taken away from it, it is told in words. */
export const changedUnderneath = stagedRaceExercise({
  summary: "the agent, the tool, the key and the model of a BGO change while it runs and while it waits",
  ciTrials: 50,
  releaseTrials: 500,
  lanes: 8,
  runtimes: 2,
  mustHappen: names,
  prepare: (_ground, closing) => opened(closing, () => ChangingProvider.start()),
  async run(trial, provider) {
    const { index, count } = trial;
    const name = names[index % names.length] ?? names[0];
    const change: Change = changes[name];
    const scene = await setUp(trial, provider, change);
    await change.play(scene);
    await checkEnd(scene, change.promised);
    if (name.startsWith("agent")) checkPinned(scene);
    if (name.startsWith("agentEdited")) await checkNextOne(scene);
    count(name);
  },
});

async function setUp(trial: Trial, provider: ChangingProvider, { first, next = [] }: Change): Promise<Scene> {
  const { ground, index } = trial;
  const [runtime] = ground.runtimes;
  const slug = `agent-${index}`;
  const agent = await createTestAgent(runtime, ground.tenant, {
    slug,
    model: `openai-compatible:${slug}`,
    systemPrompt: "You are the first version.",
    tools: ["look", "act"],
  });
  const prompt = `trial ${index};`;
  const account = provider.open({ prompt, key: oldKey(index), model: slug, script: [first, ...next] });
  const threadId = await createTestThread(runtime, ground.tenant, agent);
  const { bgo } = await spawnBgo(ground.operations(index), ground.tenant, { threadId, prompt });
  return { trial, provider, account, agent, bgo, tools: new HeldTools() };
}

interface Worker {
  readonly key?: string;
  readonly withoutTools?: boolean;
}

async function work(
  { trial, provider, bgo, tools }: Scene,
  worker: Worker & { readonly number: number },
): Promise<void> {
  const model = provider.modelFor(worker.key ?? oldKey(trial.index));
  const granted: readonly Tool[] = worker.withoutTools === true ? [] : tools.all;
  const { engineRunId } = await trial.ground.find(bgo.id);
  await runSegment(trial, { bgo: { id: bgo.id, engineRunId }, model, runtime: worker.number, tools: granted });
}

/** The change comes while the model thinks about its first answer. */
async function amidItsRun(scene: Scene, change: (scene: Scene) => Promise<void>): Promise<void> {
  scene.tools.letGo();
  const working = work(scene, { number: 0 });
  await scene.account.asked.opened;
  await change(scene);
  scene.account.mayAnswer.open();
  await working;
}

/** The change comes while nobody works on it; the worker that goes on may be another one. */
async function amidItsWait(scene: Scene, change: (scene: Scene) => Promise<void>, worker: Worker = {}): Promise<void> {
  const { trial, account, bgo, tools } = scene;
  const { ground, alarm } = trial;
  tools.letGo();
  account.mayAnswer.open();
  await work(scene, { number: 0 });
  await change(scene);
  const [wait] = await ground.database.query<{ id: string }>(
    "select id from platos.waitpoints where owner_id = $1 and status = 'open'",
    [bgo.id],
  );
  if (wait === undefined) return alarm(`${bgo.id} does not wait`);
  const path = `/api/v1/waitpoints/${wait.id}/complete`;
  const { status } = await ground.tenant.call("POST", path, { value: "ready" });
  if (status !== 200) alarm(`the wait of ${bgo.id} was answered ${status}`);
  await work(scene, { ...worker, number: 1 });
}

/** Its worker is overtaken while the tool runs, by one that does not have the tool any more. */
async function amidItsCall(scene: Scene): Promise<void> {
  scene.account.mayAnswer.open();
  const first = work(scene, { number: 0 });
  await scene.tools.begun;
  await work(scene, { number: 1, withoutTools: true });
  scene.tools.letGo();
  await first;
}

async function edit({ trial, agent }: Scene): Promise<void> {
  const { status } = await trial.ground.tenant.call("PATCH", `/api/v1/agents/${agent.slug}`, {
    model: `openai-compatible:${newModel(agent)}`,
    systemPrompt: "You are the second version.",
    tools: [],
    budget: { maxTurns: 1 },
  });
  if (status !== 200) trial.alarm(`an edit was answered ${status}`);
}

/** There is no such request, and the database keeps what a BGO was made with. */
async function remove({ trial, agent }: Scene): Promise<void> {
  const { ground, alarm, count } = trial;
  const { status } = await ground.tenant.call("DELETE", `/api/v1/agents/${agent.slug}`);
  if (status !== 404 && status !== 405) alarm(`the request to delete an agent was answered ${status}`);
  for (const text of [
    "delete from platos.agent_versions where agent_id = $1",
    "delete from platos.agents where id = $1",
  ]) {
    const refusal = await ground.database.query(text, [agent.id]).then(
      () => null,
      (error: unknown) => (error as { readonly code?: string }).code ?? "",
    );
    if (refusal !== "23503") alarm(`I14: an agent at work could be deleted (${refusal ?? "no error"})`);
    else count("agentDeletionsRefused");
  }
}

async function revoke({ trial, account }: Scene): Promise<void> {
  account.key = newKey(trial.index);
}

async function retire({ account }: Scene): Promise<void> {
  account.models.clear();
}

async function checkEnd({ trial, bgo }: Scene, { status, says }: Promised): Promise<void> {
  const { ground, index, alarm } = trial;
  const ended = await endedOnce(ground, bgo.id, alarm);
  const [row] = await ground.database.query<{ parts: string; error: string | null }>(
    `select m.parts::text as parts, b.error::text as error from platos.platos_tasks b
     join platos.messages m on m.bgo_id = b.id and m.terminal where b.id = $1`,
    [bgo.id],
  );
  const text = row?.parts ?? "";
  if (ended !== status) alarm(`${bgo.id} should be ${status} and is ${String(ended)}: ${text}`);
  if (!says.test(text)) alarm(`${bgo.id} does not say ${String(says)}: ${text}`);
  const shown = `${text} ${row?.error ?? ""}`;
  for (const key of [oldKey(index), newKey(index)])
    if (shown.includes(key)) alarm(`I17: ${bgo.id} shows a key: ${shown}`);
}

/** I7: every model call was made as the version says that the BGO was made with. */
function checkPinned({ trial, account, agent, bgo }: Scene): void {
  for (const { model, messages, tools } of account.requests) {
    const system = messages.find(({ role }) => role === "system")?.content ?? "";
    const isFirst = model === agent.slug && system.includes("the first version");
    const has = tools.some((tool) => tool.function.name === "look");
    if (!isFirst || !has) trial.alarm(`I7: ${bgo.id} went on as another version: ${model}, ${system.slice(0, 40)}`);
  }
  if (account.requests.length !== 2) trial.alarm(`${bgo.id} asked its model ${account.requests.length} times`);
}

/** A BGO that is spawned after the edit has the new version. */
async function checkNextOne(scene: Scene): Promise<void> {
  const { trial, provider, agent } = scene;
  const { ground, index, alarm } = trial;
  const prompt = `trial ${index}, the next one;`;
  const account = provider.open({
    prompt,
    key: oldKey(index),
    model: newModel(agent),
    script: [{ text: "the newer" }],
  });
  account.mayAnswer.open();
  const { bgo } = await spawnBgo(ground.operations(index), ground.tenant, { agent: agent.slug, prompt });
  await work({ ...scene, bgo, account }, { number: index });
  const status = await endedOnce(ground, bgo.id, alarm);
  const [request] = account.requests;
  const system = request?.messages.find(({ role }) => role === "system")?.content ?? "";
  const isSecond = request?.model === newModel(agent) && system.includes("the second version");
  if (status !== "completed" || !isSecond) alarm(`${bgo.id} is ${String(status)} and ran as ${request?.model}`);
}
