import type { Runtime } from "../../packages/platos-tasks/src/runtime.ts";
import { silentLog } from "../../packages/platos-tasks/src/core/ports/log.ts";
import { Database } from "../../packages/platos-tasks/src/store/database.ts";
import type { QuickPostgres } from "../harness/postgres/quick-postgres.ts";
import { startEffectSink, type EffectSink } from "../harness/outside/effect-sink.ts";
import { startModelStub, type ModelStub } from "../harness/outside/model-stub.ts";
import type { ProductAddresses } from "./faulty-messages.ts";
import { type Job, scriptedAnswer } from "./model-script.ts";
import { openProduct } from "./product-runtime.ts";

/** A database, a model and a sink of its own, on which trials run one after another. */
export interface Lane {
  readonly addresses: ProductAddresses;
  /** For the harness: to look, and to age what time would age. */
  readonly database: Database;
  /** A process without faults that only serves, for clients whose own one is gone. */
  readonly control: Runtime;
  readonly model: ModelStub;
  readonly sink: EffectSink;
  /** Resolves when the model is asked to do the job of a trial. */
  asked(job: Job, trial: string): Promise<void>;
  /** Lets the model go on with what it is thinking about. */
  answer(trial: string): void;
  close(): Promise<void>;
}

/** `thinkMs`: how long the model takes over each answer. */
export async function openLane(
  postgres: QuickPostgres,
  { thinkMs = 0 }: { readonly thinkMs?: number } = {},
): Promise<Lane> {
  const made = await postgres.createDatabase();
  const { connectionString } = made;
  const signals = new Signals();
  const model = await startModelStub({
    script: (call) => ({ ...scriptedAnswer(call), ...(thinkMs === 0 ? {} : { delayMs: thinkMs }) }),
    async onCall({ tag }) {
      signals.get(`asked ${tag}`).resolve();
      // What a client means to cancel must not be done before.
      const [job, ...trial] = tag.split(" ");
      if (job === "cancelled") await signals.get(`answer ${trial.join(" ")}`).promise;
    },
  });
  const sink = await startEffectSink();
  const addresses = { connectionString, modelUrl: model.baseUrl, sinkUrl: sink.url };
  const control = await openProduct(addresses, { role: "server" });
  // What ends leases waits for the locks of a frozen process; what looks must not wait for it.
  const database = new Database({ connectionString, poolSize: 6, log: silentLog });
  return {
    addresses,
    database,
    control,
    model,
    sink,
    asked: (job, trial) => signals.get(`asked ${job} ${trial}`).promise,
    answer: (trial) => signals.get(`answer ${trial}`).resolve(),
    async close() {
      await control.stop({ graceMs: 0 });
      await database.close();
      await made.drop();
      await Promise.all([model.close(), sink.close()]);
    },
  };
}

/** Things that happen once, by name, whoever comes first: who waits, or what happens. */
class Signals {
  readonly #all = new Map<string, PromiseWithResolvers<void>>();

  get(name: string): PromiseWithResolvers<void> {
    const known = this.#all.get(name) ?? Promise.withResolvers<void>();
    this.#all.set(name, known);
    return known;
  }
}
