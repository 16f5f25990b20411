import type { RunningContender } from "../contenders/start-contender.ts";
import type { Benchmark } from "../harness/bench.ts";
import { figure } from "../harness/figure.ts";
import { inRounds } from "../harness/rounds.ts";
import { median } from "../harness/statistics.ts";
import type { Work } from "../harness/work.ts";

const atOnce = 100;
const modelDelayMs = 200;
const turns = 10;
const idealRunsPerSecond = atOnce / ((turns * modelDelayMs) / 1000);
const names = ["plain", "bare", "platos"] as const;

/** Many runs at once that mostly wait for their model, as real ones do: does the runtime keep the slots full? */
export const latency: Benchmark = {
  name: "latency-200ms",
  limitMs: 120_000,
  async run(bench) {
    const work: Work = { runs: bench.quick ? 100 : 300, concurrency: atOnce, turns, modelDelayMs, answerBytes: 40 };
    const rates = new Map<string, number[]>(names.map((name) => [name, []]));
    const contenders: RunningContender[] = [];
    for (const name of names) {
      const contender = await bench.start(name, {
        database: await bench.postgres.createDatabase(),
        concurrency: atOnce,
      });
      await contender.run({ ...work, runs: bench.quick ? 50 : 100, modelDelayMs: 0 });
      contenders.push(contender);
    }
    await inRounds({ name: "latency-200ms", atLeast: 1, atMost: bench.quick ? 1 : 2, withinMs: 25_000 }, async () => {
      for (const contender of contenders) {
        const { elapsedMs } = await contender.run(work);
        rates.get(contender.name)?.push((work.runs / elapsedMs) * 1000);
      }
    });
    const target = { platos: { atLeast: 0.8 }, plain: null, bare: null };
    for (const name of names) {
      const rate = median(rates.get(name) ?? []);
      bench.report(
        figure(`latency-200ms.runs-per-s.${name}`, rate, "runs/s"),
        figure(`latency-200ms.share-of-ideal.${name}`, rate / idealRunsPerSecond, "x", target[name]),
      );
    }
  },
};
