import type { Benchmark } from "../harness/bench.ts";
import { figure } from "../harness/figure.ts";
import { startProduct } from "../harness/product.ts";
import { progress } from "../harness/progress.ts";
import { median } from "../harness/statistics.ts";

/** From the command to the line that says ready, with everything installed and a database that exists. */
export const start: Benchmark = {
  name: "start",
  limitMs: 150_000,
  async run(bench) {
    const times: number[] = [];
    for (let round = 0; round <= (bench.quick ? 2 : 5); round += 1) {
      progress(round === 0 ? "start: first boot, not counted" : `start: round ${round}`);
      const beganMs = performance.now();
      const product = await startProduct(bench, {});
      if (round > 0) times.push(performance.now() - beganMs);
      await product.close();
    }
    bench.report(figure("start.to-ready", median(times) / 1000, "s", { atMost: 5 }));
  },
};
