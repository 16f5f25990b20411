import { execFile } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { silentLog } from "../../../packages/platos-tasks/src/core/ports/log.ts";
import { cancelBgo } from "../../../packages/platos-tasks/src/operations/cancel-bgo.ts";
import { postMessage } from "../../../packages/platos-tasks/src/operations/post-message.ts";
import { spawnBgo } from "../../../packages/platos-tasks/src/operations/spawn-bgo.ts";
import { Database } from "../../../packages/platos-tasks/src/store/database.ts";
import { createTestAgent, createTestThread } from "../../../packages/platos-tasks/src/testing/test-runtime.ts";
import { createTestTenantWithKey, type TestTenant } from "../../../packages/platos-tasks/src/testing/test-server.ts";
import type { Exercise, ExerciseOptions, ExerciseReport } from "../../exercise.ts";
import { ApiCaller } from "../../harness/outside/api-caller.ts";
import { Random } from "../../harness/random.ts";
import { failureBound } from "../../harness/figures.ts";
import { RestartedServer } from "./restarted-server.ts";
import { lastLook } from "../../harness/evidence/check-events.ts";
import { EventWatcher } from "../../harness/evidence/event-watcher.ts";
import { DeafReader } from "./deaf-reader.ts";
import { RaceGround } from "../../harness/race/race-ground.ts";

const ciTrials = 200;
const watcherCount = 16;
const threadCount = 4;
const deafCount = 10;
/** More than the kernel keeps for a connection, and then more than the server keeps for a reader. */
const floodMessages = 2000;
const floodLanes = 4;
const floodText = "much to read. ".repeat(700);
const dropMs = 5000;
const mostGrowthMb = 100;
const connectedMs = [50, 900] as const;
/** After so many reconnects the server goes as well. */
const reconnectsPerRestart = [20, 45] as const;
const pollMs = 20;
const lastLookMs = 1500;
const limitMs = 600_000;

/** F41: readers of live events who keep losing their connection, some who never read, and a server that is restarted. */
export const droppedReaders: Exercise = {
  summary: `live readers dropped at random, through restarts of the server (reconnects: ${ciTrials}, for a release 5000)`,
  async run(options) {
    const ground = await RaceGround.open(options.closing);
    const dropped = new DroppedReaders(ground, options);
    const [read, deaf] = await Promise.all([dropped.report(), floodTheDeaf(ground)]);
    const alarms = [...read.alarms, ...deaf.alarms, ...(await ground.violations())];
    return {
      alarms,
      figures: { ...read.figures, ...deaf.figures, ...failureBound(alarms, read.figures["trials"] ?? 1) },
    };
  },
};

class DroppedReaders {
  readonly #ground: RaceGround;
  readonly #options: ExerciseOptions;
  readonly #trials: number;
  readonly #over = new AbortController();

  constructor(ground: RaceGround, options: ExerciseOptions) {
    this.#ground = ground;
    this.#options = options;
    this.#trials = options.trials ?? ciTrials;
  }

  async report(): Promise<ExerciseReport> {
    const server = await RestartedServer.start(this.#ground.database.connectionString);
    const { connectionString } = this.#ground.database;
    const database = new Database({ connectionString, poolSize: 4, log: silentLog });
    try {
      const api = new ApiCaller(server.url, this.#ground.tenant.key);
      const threads = await Promise.all(Array.from({ length: threadCount }, () => this.#ground.newThread()));
      const watchers = this.#watchers(api, threads);
      await this.#run(server, { watchers, threads });
      const missing = (await Promise.all(watchers.map((watcher) => lastLook(database, watcher, lastLookMs)))).flat();
      const resyncs = sum(watchers, ({ counts }) => counts.resyncs);
      return {
        alarms: [
          ...missing,
          ...(resyncs === 0 ? [] : [`I16: readers were told ${resyncs} times to begin again, on the same database`]),
          ...server.alarms,
          ...api.alarms,
        ],
        figures: {
          trials: reconnects(watchers),
          readers: watchers.length,
          eventsShown: sum(watchers, ({ stretches }) => sum(stretches, ({ places }) => places.length)),
          serverKills: server.counts.kills,
          serverStops: server.counts.stops,
        },
      };
    } finally {
      this.#over.abort();
      await server.close();
      await database.close();
    }
  }

  #watchers(api: ApiCaller, threads: readonly string[]): readonly EventWatcher[] {
    return Array.from({ length: watcherCount }, (_, index) => {
      const thread = `thread:${threads[index % threads.length]}`;
      const topics = [["bgos"], [thread], ["bgos", thread], threads.map((id) => `thread:${id}`)][index % 4] ?? [];
      const random = Random.of(this.#options.seed, "reader", index);
      return new EventWatcher({ api, topics, random, signal: this.#over.signal, connectedMs });
    });
  }

  /** Until everybody together has come back so often, and a last time when all is quiet. */
  async #run(
    server: RestartedServer,
    of: { readonly watchers: readonly EventWatcher[]; readonly threads: readonly string[] },
  ): Promise<void> {
    const random = Random.of(this.#options.seed, "restarts");
    const untilMs = performance.now() + limitMs;
    // Everybody has a place in the log before anything happens.
    await Promise.all(of.watchers.map((watcher) => watcher.catchUp(lastLookMs)));
    const work = Promise.all([
      ...of.watchers.map((watcher) => watcher.run()),
      ...of.threads.map((id) => this.#work(id)),
    ]);
    let restartAt = random.between(...reconnectsPerRestart);
    while (reconnects(of.watchers) < this.#trials) {
      if (performance.now() > untilMs) throw new Error("The readers do not come back.");
      await delay(pollMs);
      if (reconnects(of.watchers) < restartAt) continue;
      await server.restart(random.chance(0.5) ? "SIGKILL" : "SIGTERM");
      restartAt = reconnects(of.watchers) + random.between(...reconnectsPerRestart);
      this.#options.progress(`${reconnects(of.watchers)} of ${this.#trials} reconnects`);
    }
    this.#over.abort();
    await work;
  }

  /** Something happens in a thread, again and again: messages, BGOs that begin and end. */
  async #work(threadId: string): Promise<void> {
    const { tenant } = this.#ground;
    const operations = this.#ground.operations(0);
    const random = Random.of(this.#options.seed, "work", threadId);
    while (!this.#over.signal.aborted) {
      const { bgo } = await spawnBgo(operations, tenant, { threadId, prompt: "watched" });
      await postMessage(operations, tenant, { threadId, text: "meanwhile" });
      await cancelBgo(operations, tenant, { bgoId: bgo.id });
      await delay(random.between(5, 60));
    }
  }
}

/** Readers that never read, on a server of their own, whose memory is watched. */
async function floodTheDeaf(ground: RaceGround): Promise<ExerciseReport> {
  const server = await RestartedServer.start(ground.database.connectionString);
  const [runtime] = ground.runtimes;
  // Of an environment of their own: whoever comes back reads on in what happened in theirs.
  const tenant = await createTestTenantWithKey(runtime, ground.server);
  const threadId = await createTestThread(runtime, tenant, await createTestAgent(runtime, tenant));
  const of = { url: server.url, key: tenant.key, topics: `thread:${threadId}` };
  const readers = await Promise.all(Array.from({ length: deafCount }, () => DeafReader.open(of)));
  try {
    const early = await Promise.all(readers.map((reader) => reader.isDropped(500)));
    const beforeMb = await residentMb(server.pid);
    await flood(ground, { tenant, threadId });
    const dropped = (await Promise.all(readers.map((reader) => reader.isDropped(dropMs)))).filter(Boolean).length;
    const growthMb = Math.round((await residentMb(server.pid)) - beforeMb);
    return {
      alarms: [
        ...(early.some(Boolean) ? ["a reader was dropped before anything had happened"] : []),
        ...(dropped === deafCount
          ? []
          : [`F41: ${deafCount - dropped} of ${deafCount} readers that never read are kept`]),
        ...(growthMb <= mostGrowthMb
          ? []
          : [`F41: the server has grown by ${growthMb} MB over readers that never read`]),
      ],
      figures: { deafReaders: deafCount, deafReadersDropped: dropped, serverGrowthMb: growthMb },
    };
  } finally {
    for (const reader of readers) reader.close();
    await server.close();
  }
}

async function flood(
  ground: RaceGround,
  { tenant, threadId }: { readonly tenant: TestTenant; readonly threadId: string },
): Promise<void> {
  const lane = async (): Promise<void> => {
    for (let count = 0; count < floodMessages / floodLanes; count += 1) {
      await postMessage(ground.operations(0), tenant, { threadId, text: floodText });
    }
  };
  await Promise.all(Array.from({ length: floodLanes }, lane));
}

async function residentMb(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)("ps", ["-o", "rss=", "-p", String(pid)]);
  return Number(stdout) / 1024;
}

function reconnects(watchers: readonly EventWatcher[]): number {
  return sum(watchers, ({ counts }) => Math.max(0, counts.connections - 1));
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
