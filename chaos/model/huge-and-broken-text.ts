import { isDeepStrictEqual } from "node:util";
import { limits } from "../../packages/platos-tasks/src/core/caps.ts";
import { isJsonObject, type Json } from "../../packages/platos-tasks/src/core/json.ts";
import { createTestAgent } from "../../packages/platos-tasks/src/testing/test-runtime.ts";
import { endedOnce } from "../harness/race/ended-once.ts";
import { opened } from "../harness/closing.ts";
import { stagedRaceExercise, type Trial } from "../harness/race/run-race.ts";
import { type HostileCase, type HostileCaseName, hostileCases } from "./hostile-cases.ts";
import { HostileOutside, hostileToolNames } from "./hostile-outside.ts";
import { playToTheEnd } from "./play-to-the-end.ts";
import { ProcessMemory } from "./process-memory.ts";

const caseNames = Object.keys(hostileCases) as readonly HostileCaseName[];
const hugeNames = caseNames.filter((name) => name.startsWith("Huge"));
const smallNames = caseNames.filter((name) => !name.startsWith("Huge"));
/** One trial in so many is a huge one. */
const hugeEvery = 50;
/** What a process may hold more of than before, after all of it. */
const mayGrowMb = 100;

interface Stage {
  readonly outside: HostileOutside;
  readonly cases: Map<string, HostileCase>;
  readonly memory: ProcessMemory;
  /** The end of the huge trial before. */
  hugeEnds: Promise<void>;
}

/** F36: text that is too long, or that no database takes, by every way in; it is delivered and reads back as stored. */
export const hugeAndBrokenText = stagedRaceExercise<Stage>({
  summary: "texts of 10 MB, results of 100 MB, NUL bytes, half characters and hostile keys by every way in",
  ciTrials: 200,
  releaseTrials: 2000,
  lanes: 6,
  runtimes: 2,
  mustHappen: caseNames.map((name) => `delivered${name}`),
  async prepare(ground, closing) {
    const cases = new Map<string, HostileCase>();
    const outside = await opened(closing, () => HostileOutside.start(cases));
    await createTestAgent(ground.runtimes[0], ground.tenant, {
      slug: "hostile",
      model: "openai-compatible:hostile",
      tools: [...hostileToolNames],
    });
    return { outside, cases, memory: new ProcessMemory(), hugeEnds: Promise.resolve() };
  },
  async run(trial, stage) {
    const { index, random } = trial;
    const place = Math.floor(index / hugeEvery);
    const isHuge = index % hugeEvery === hugeEvery - 1;
    const caseName = isHuge ? hugeNames[place % hugeNames.length] : smallNames[(index - place) % smallNames.length];
    if (caseName === undefined) throw new Error("There is no such case.");
    const hostile: HostileCase = hostileCases[caseName](random, stage.outside);
    const go = (): Promise<void> => deliver(trial, stage, { caseName, hostile });
    if (hostile.isHuge !== true) return go();
    const ends = stage.hugeEnds.then(go);
    stage.hugeEnds = ends.catch(() => undefined);
    return ends;
  },
  async conclude({ figure, alarm }, { memory, cases }) {
    cases.clear();
    const { peakMb, grownMb } = memory.end();
    figure("peakRssMb", peakMb);
    figure("grownMb", grownMb);
    if (grownMb > mayGrowMb) alarm(`F36: the process holds ${grownMb} MB more than before`);
  },
});

interface Delivered {
  readonly caseName: HostileCaseName;
  readonly hostile: HostileCase;
}

async function deliver(trial: Trial, { outside, cases }: Stage, { caseName, hostile }: Delivered): Promise<void> {
  const { ground, index, count } = trial;
  const alarm = (sentence: string): void => trial.alarm(`${caseName}: ${sentence}`);
  const name = `hostile ${index}`;
  cases.set(name, hostile);
  const { status, body } = await ground.tenant.call("POST", "/api/v1/platos-tasks", {
    agent: "hostile",
    prompt: `${hostile.prompt ?? ""} [[${name}]]`,
    ...(hostile.label === undefined ? {} : { label: hostile.label }),
    ...(hostile.idempotencyKey === undefined ? {} : { idempotencyKey: hostile.idempotencyKey }),
  });
  if (status !== 201) return alarm(`F36: its spawn was answered with ${status}: ${JSON.stringify(body).slice(0, 300)}`);
  const bgoId = String(body["bgoId"]);
  const playing = { model: outside.model, tools: outside.toolsOf(name) };
  await playToTheEnd(trial, { bgoId, ...playing });
  const children = await ground.database.query<{ id: string }>(
    "select id from platos.platos_tasks where parent_bgo_id = $1",
    [bgoId],
  );
  for (const { id } of children) await playToTheEnd(trial, { bgoId: id, ...playing });
  for (const id of [bgoId, ...children.map((child) => child.id)]) {
    if ((await endedOnce(ground, id, alarm)) !== "completed") {
      alarm(`F36: ${id} has ended with ${JSON.stringify((await ground.find(id)).error)}`);
    }
  }
  await readBack({ ...trial, alarm }, { bgoId, threadId: String(body["threadId"]), hostile });
  // What is over need not be held.
  cases.delete(name);
  count(`delivered${caseName}`);
}

/** Everything that shows it answers, and says what was stored. */
async function readBack(
  { ground, alarm, count }: Trial,
  of: { readonly bgoId: string; readonly threadId: string; readonly hostile: HostileCase },
): Promise<void> {
  const { bgoId, threadId, hostile } = of;
  const look = async (path: string): Promise<Json> => {
    const get = () => ground.tenant.call("GET", `/api/v1${path}`);
    // While this process was busy with something huge, its server may have closed a connection that its client takes.
    const { status, body } = await get().catch(get);
    if (status !== 200) alarm(`F36: GET ${path} answered ${status}`);
    return body as Json;
  };
  const bgo = await look(`/platos-tasks/${bgoId}`);
  const steps = await look(`/platos-tasks/${bgoId}/steps`);
  const messages = await look(`/threads/${threadId}/messages`);
  const others = [
    await look(`/platos-tasks/${bgoId}/audit`),
    await look(`/platos-tasks?thread=${threadId}`),
    await look(`/threads/${threadId}`),
  ];
  for (const seen of [bgo, steps, messages, ...others]) {
    const broken = brokenTextIn(seen);
    if (broken !== null) alarm(`F36: an answer holds ${JSON.stringify(broken.slice(0, 50))}`);
  }
  if (at(bgo, "output") !== hostile.output)
    alarm(`F36: its output reads ${JSON.stringify(at(bgo, "output")).slice(0, 200)}`);
  const [said] = itemsOf(messages).filter(
    (message) => at(message, "terminal") === true && at(message, "bgoId") === bgoId,
  );
  expectSaid({ alarm, count }, { said: textOf(said), bgoId, hostile });
  const [result] = itemsOf(steps).filter((step) => at(step, "kind") === "tool_result");
  if (hostile.result !== undefined && !isDeepStrictEqual(at(result, "output"), hostile.result)) {
    alarm(`F36: a tool's output reads ${String(JSON.stringify(at(result, "output"))).slice(0, 200)}`);
  }
}

/** Whole when it is short enough; else its beginning, and where the whole is. */
function expectSaid(
  { alarm, count }: Pick<Trial, "alarm" | "count">,
  of: { readonly said: string; readonly bgoId: string; readonly hostile: HostileCase },
): void {
  const { said, bgoId } = of;
  const { output } = of.hostile;
  if (output.length <= limits.messageChars) {
    if (said !== output) alarm(`F36: its message reads ${JSON.stringify(said).slice(0, 200)}`);
    return;
  }
  count("messagesCut");
  const note = said.slice(limits.messageChars - 1);
  if (!output.startsWith(said.slice(0, limits.messageChars - 1)) || note.length > 300 || !note.includes(bgoId)) {
    alarm(`F36: its message of ${said.length} characters ends with ${JSON.stringify(said.slice(-200))}`);
  }
}

function at(value: Json | undefined, key: string): Json | undefined {
  return value !== undefined && isJsonObject(value) ? value[key] : undefined;
}

function itemsOf(page: Json): readonly Json[] {
  const items = at(page, "items");
  return Array.isArray(items) ? (items as readonly Json[]) : [];
}

function textOf(message: Json | undefined): string {
  const [part] = itemsOf({ items: at(message, "parts") ?? [] });
  const text = at(part, "text");
  return typeof text === "string" ? text : "";
}

/** A text or a key that Postgres could not have held. Not recursive: some of it is deep. */
function brokenTextIn(value: Json): string | null {
  for (let level: readonly Json[] = [value]; level.length > 0;) {
    const next: Json[] = [];
    for (const each of level) {
      if (typeof each === "string" && isBroken(each)) return each;
      if (typeof each !== "object" || each === null) continue;
      const key = Object.keys(each).find(isBroken);
      if (key !== undefined) return key;
      next.push(...(Object.values(each) as Json[]));
    }
    level = next;
  }
  return null;
}

function isBroken(text: string): boolean {
  return text.includes("\0") || !text.isWellFormed();
}
