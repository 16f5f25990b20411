import { postMessage } from "../../../packages/platos-tasks/src/operations/post-message.ts";
import type { Random } from "../../harness/random.ts";
import type { OrderedSpawn } from "./caller-orders.ts";
import { CallerProcesses } from "./caller-processes.ts";
import { opened } from "../../harness/closing.ts";
import type { RaceGround } from "../../harness/race/race-ground.ts";
import { stagedRaceExercise } from "../../harness/race/run-race.ts";

const processes = 3;
const fewestCallers = 2;
const mostCallers = 20;
/** Until an order has reached every process. */
const leadMs = 3;

const doors = ["InThread", "InNewThread", "ByTool"] as const;

async function spawnFor(ground: RaceGround, door: (typeof doors)[number], name: string): Promise<OrderedSpawn> {
  const prompt = `do ${name}`;
  if (door === "InNewThread") {
    return { door: "operation", request: { agent: ground.agent.slug, prompt, idempotencyKey: name } };
  }
  const threadId = await ground.newThread();
  if (door === "InThread") return { door: "operation", request: { threadId, prompt, idempotencyKey: name } };
  const { turnId } = await postMessage(ground.operations(0), ground.tenant, { threadId, text: "go on" });
  return { door: "tool", turnId, threadId, args: { prompt, label: name, onComplete: "message" } };
}

// A spawn that finds the BGO of another one takes its own job back with everything else.
const orphansText = `
  select data ->> 'ownerId' as owner from pgboss.job
  where name = 'platos_bgo' and not exists (select 1 from platos.platos_tasks b where b.id = data ->> 'ownerId') limit 1`;

/** How many callers each process has; together as many as were drawn. */
function shared(callers: number, random: Random): number[] {
  const shares = Array.from({ length: processes }, () => 0);
  for (let caller = 0; caller < callers; caller += 1) {
    const place = random.index(processes);
    shares[place] = (shares[place] ?? 0) + 1;
  }
  return shares;
}

/** One spawn is asked for by many callers of several processes at once: everybody is told of one and the same BGO. */
export const spawnByTwenty = stagedRaceExercise({
  summary: "the same spawn by 2 to 20 callers of three processes",
  ciTrials: 500,
  releaseTrials: 20_000,
  lanes: 4,
  runtimes: 1,
  mustHappen: doors.map((door) => `spawned${door}`),
  prepare: (ground, closing) => opened(closing, () => CallerProcesses.start(ground, processes)),
  async run({ ground, index, random, count, alarm }, callers) {
    const door = doors[index % doors.length] ?? "InThread";
    const name = `trial ${index}`;
    const spawn = await spawnFor(ground, door, name);
    const shares = shared(fewestCallers + random.index(mostCallers - fewestCallers + 1), random);
    const startAtMs = performance.timeOrigin + performance.now() + leadMs;
    const answers = await callers.ask(shares.map((share) => ({ callers: share, startAtMs, spawn })));
    const spawned = answers.flatMap((answer) => answer.spawned);
    for (const error of answers.flatMap((answer) => answer.errors)) alarm(`a caller was told ${error}`);
    const ids = new Set(spawned.map(({ bgoId }) => bgoId));
    if (ids.size !== 1) alarm(`${spawned.length} callers were told of ${[...ids].join(" and ")}`);
    const firsts = spawned.filter(({ deduplicated }) => !deduplicated).length;
    if (firsts !== 1) alarm(`${firsts} of ${spawned.length} callers were told that theirs was the first`);
    const rows = await ground.database.query<{ id: string; jobs: number }>(
      `select id, (select count(*)::int from pgboss.job j where j.data ->> 'ownerId' = b.id) as jobs
       from platos.platos_tasks b where prompt = $1`,
      [`do ${name}`],
    );
    if (rows.length !== 1 || !ids.has(rows[0]?.id ?? "")) alarm(`there are ${rows.length} rows`);
    if (rows[0]?.jobs !== 1) alarm(`${rows[0]?.id ?? "it"} has ${rows[0]?.jobs ?? 0} jobs`);
    const orphans = await ground.database.query<{ owner: string }>(orphansText);
    if (orphans.length > 0) alarm(`I5: there are jobs of BGOs that were never made, of ${orphans[0]?.owner ?? ""}`);
    count(`spawned${door}`);
    count("callers", spawned.length);
    count(
      "retriesAsked",
      answers.reduce((sum, { retries }) => sum + retries, 0),
    );
  },
});
