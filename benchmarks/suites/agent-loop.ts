import type { RunningContender } from "../contenders/start-contender.ts";
import type { Bench, Benchmark } from "../harness/bench.ts";
import { type Figure, figure } from "../harness/figure.ts";
import { postgresCpuMs } from "../harness/postgres-cpu.ts";
import { inRounds } from "../harness/rounds.ts";
import { median } from "../harness/statistics.ts";
import { stepsOf, type Work } from "../harness/work.ts";
import { transactionsPerRun } from "./transactions-per-run.ts";

const atOnce = 20;
const agent = { turns: 10, modelDelayMs: 0, answerBytes: 40 };

/** What was measured of one contender, one entry per round. */
interface Rounds {
  readonly runsPerSecond: number[];
  readonly cpuMs: number[];
  readonly postgresCpuMs: number[];
  readonly stepMs: number[];
}

/** Many short agent runs with a model that answers at once: all that is left is what the runtime costs. */
export const agentLoop: Benchmark = {
  name: "agent-loop",
  limitMs: 240_000,
  async run(bench) {
    const contenders = await startAll(bench);
    const work: Work = { ...agent, runs: bench.quick ? 40 : 200, concurrency: atOnce };
    const rounds = new Map(contenders.map((contender) => [contender.name, emptyRounds()]));
    for (const contender of contenders) await contender.run({ ...work, runs: bench.quick ? 40 : 100 });
    const bounds = bench.quick ? { atLeast: 2, atMost: 2 } : { atLeast: 3, atMost: 5 };
    await inRounds({ name: "agent-loop", ...bounds, withinMs: 60_000 }, async () => {
      for (const contender of contenders) {
        await measure(bench, contender, { work, into: rounds.get(contender.name) ?? emptyRounds() });
      }
    });
    for (const contender of contenders) await contender.close();
    const worker = await cpuOfWorkerAlone(bench, work);
    const transactions = {
      bare: await transactionsPerRun(bench, "bare", work),
      platos: await transactionsPerRun(bench, "platos", work),
    };
    bench.report(...figuresOf(rounds, { worker, transactions }));
  },
};

async function startAll(bench: Bench): Promise<RunningContender[]> {
  const start = async (name: "plain" | "bare" | "platos"): Promise<RunningContender> =>
    bench.start(name, { database: await bench.postgres.createDatabase(), concurrency: atOnce });
  return [await start("plain"), await start("bare"), await start("platos")];
}

function emptyRounds(): Rounds {
  return { runsPerSecond: [], cpuMs: [], postgresCpuMs: [], stepMs: [] };
}

async function measure(
  bench: Bench,
  contender: RunningContender,
  { work, into }: { work: Work; into: Rounds },
): Promise<void> {
  const postgresBefore = await postgresCpuMs(bench.postgres.admin);
  const report = await contender.run(work);
  into.runsPerSecond.push((work.runs / report.elapsedMs) * 1000);
  into.cpuMs.push(report.cpuMs / work.runs);
  into.postgresCpuMs.push(((await postgresCpuMs(bench.postgres.admin)) - postgresBefore) / work.runs);
  const alone = await contender.run({ ...work, runs: bench.quick ? 10 : 20, concurrency: 1 });
  into.stepMs.push(median(alone.stepsMs) / stepsOf(work));
}

/** The product in two processes, one that spawns and one that works; CPU of the second per run. */
async function cpuOfWorkerAlone(bench: Bench, work: Work): Promise<number> {
  const database = await bench.postgres.createDatabase();
  const server = await bench.start("platos-server", { database, concurrency: atOnce });
  const worker = await bench.start("platos-worker", { database, concurrency: atOnce });
  await server.run({ ...work, runs: 1, concurrency: 1 });
  await server.run(work);
  const perRun: number[] = [];
  for (let round = 0; round < (bench.quick ? 1 : 2); round += 1) {
    const before = await worker.cpuMs();
    await server.run(work);
    perRun.push(((await worker.cpuMs()) - before) / work.runs);
  }
  await worker.close();
  await server.close();
  return median(perRun);
}

function figuresOf(
  rounds: ReadonlyMap<string, Rounds>,
  more: { readonly worker: number; readonly transactions: { readonly bare: number; readonly platos: number } },
): Figure[] {
  const of = (name: string, what: keyof Rounds): number => median(rounds.get(name)?.[what] ?? []);
  // Round by round: what slows the machine down slows both of a round.
  const ratio = (what: keyof Rounds): number =>
    median(
      (rounds.get("platos")?.[what] ?? []).map(
        (value, round) => value / (rounds.get("bare")?.[what][round] ?? Number.NaN),
      ),
    );
  return [
    ...[...rounds.keys()].flatMap((name) => [
      figure(`agent-loop.runs-per-s.${name}`, of(name, "runsPerSecond"), "runs/s"),
      figure(`agent-loop.cpu-per-run.${name}`, of(name, "cpuMs"), "ms"),
      figure(`agent-loop.postgres-cpu-per-run.${name}`, of(name, "postgresCpuMs"), "ms"),
      figure(`agent-loop.step.${name}`, of(name, "stepMs"), "ms"),
    ]),
    figure("agent-loop.cpu-per-run.platos-worker-alone", more.worker, "ms"),
    figure("agent-loop.transactions-per-run.bare", more.transactions.bare, "tx"),
    figure("agent-loop.transactions-per-run.platos", more.transactions.platos, "tx"),
    figure("agent-loop.runs-per-s.platos-to-bare", ratio("runsPerSecond"), "x", { atLeast: 0.6 }),
    figure("agent-loop.cpu-per-run.platos-to-bare", ratio("cpuMs"), "x", { atMost: 2 }),
    figure("agent-loop.step.platos-to-bare", ratio("stepMs"), "x", { atMost: 1.6 }),
  ];
}
