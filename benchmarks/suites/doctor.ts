import pg from "pg";
import { silentLog } from "../../packages/platos-tasks/src/core/ports/log.ts";
import { checkDatabase } from "../../packages/platos-tasks/src/cli/doctor/check-database.ts";
import { Database } from "../../packages/platos-tasks/src/store/database.ts";
import { findViolations } from "../../packages/platos-tasks/src/store/invariants/invariant.ts";
import { invariants } from "../../packages/platos-tasks/src/store/invariants/invariants.ts";
import { benchAgent, benchCaller } from "../contenders/platos-tenant.ts";
import { openPlatosRuntime } from "../contenders/open-platos-runtime.ts";
import type { Bench, Benchmark } from "../harness/bench.ts";
import { figure } from "../harness/figure.ts";
import { postgresCpuMs } from "../harness/postgres-cpu.ts";
import { progress } from "../harness/progress.ts";
import { fillWithHistory } from "./fill-with-history.ts";

const bgos = 100_000;
/** As `platos doctor` has it. */
const poolSize = 4;

/** How long the doctor takes over a database with a long history. */
export const doctor: Benchmark = {
  name: "doctor",
  limitMs: 300_000,
  async run(bench) {
    const connectionString = await filledDatabase(bench);
    const database = new Database({ connectionString, poolSize, log: silentLog });
    bench.atEnd(() => database.close());
    const cpuBefore = await cpuSeconds(bench);
    const beganMs = performance.now();
    const results = await checkDatabase(database, { atRest: true });
    const seconds = (performance.now() - beganMs) / 1000;
    const cpuAfter = await cpuSeconds(bench);
    const failed = results.filter(({ outcome }) => outcome !== "ok");
    if (failed.length > 0)
      throw new Error(`The filled database is not in order: ${JSON.stringify(failed).slice(0, 2000)}`);
    bench.report(
      figure("doctor.seconds.100k-bgos", seconds, "s", { atMost: 10 }),
      // On a busy machine the time says nothing; this does.
      figure("doctor.cpu.postgres", cpuAfter.postgres - cpuBefore.postgres, "s"),
      figure("doctor.cpu.process", cpuAfter.process - cpuBefore.process, "s"),
    );
    for (const invariant of invariants) {
      const oneBeganMs = performance.now();
      await findViolations(database, invariant);
      progress(`doctor: ${Math.round(performance.now() - oneBeganMs)} ms for ${invariant.id}: ${invariant.sentence}`);
    }
  },
};

async function filledDatabase(bench: Bench): Promise<string> {
  const { connectionString } = await bench.postgres.createDatabase();
  const settings = { connectionString, modelUrl: bench.modelUrl, concurrency: 1 };
  const runtime = await openPlatosRuntime(settings, "server");
  const { scope } = await benchCaller(runtime);
  const agentId = await benchAgent(
    runtime,
    { scope, actor: { type: "system", id: null } },
    { model: "demo:scripted", systemPrompt: "" },
  );
  await runtime.stop({ graceMs: 0 });
  progress(`doctor: writing ${bgos} BGOs with their history`);
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const text = "select id from platos.agent_versions where agent_id = $1";
    const { rows } = await client.query<{ id: string }>(text, [agentId]);
    await fillWithHistory(client, { scope, agentId, agentVersionId: rows[0]?.id ?? "", bgos });
  } finally {
    await client.end();
  }
  return connectionString;
}

async function cpuSeconds(bench: Bench): Promise<{ readonly postgres: number; readonly process: number }> {
  const { user, system } = process.cpuUsage();
  return { postgres: (await postgresCpuMs(bench.postgres.admin)) / 1000, process: (user + system) / 1e6 };
}
