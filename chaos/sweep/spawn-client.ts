import { setTimeout as delay } from "node:timers/promises";
import {
  createTestTenantWithKey,
  startTestServer,
  type TestServer,
  type TestTenant,
} from "../../packages/platos-tasks/src/testing/test-server.ts";
import { createTestAgent, createTestThread, eventually } from "../../packages/platos-tasks/src/testing/test-runtime.ts";
import { ApiCaller, type ApiRequest } from "../harness/outside/api-caller.ts";
import { invariantViolations } from "../harness/evidence/invariant-violations.ts";
import type { FaultyChild } from "./faulty-child.ts";
import type { Lane } from "./lane.ts";
import { openProduct } from "./product-runtime.ts";
import { openWork } from "./queue-surgery.ts";

const retryMs = 20;
const maxTries = 200;

export interface SpawnTold {
  /** Whether the BGO was there when the server had died. */
  readonly isCommitted: boolean;
  readonly violations: readonly string[];
}

interface Acknowledgement {
  readonly bgoId: string;
  readonly deduplicated: boolean;
}

/** A client over HTTP that spawns under keys and, when its server dies, asks the next one until it has an answer. */
export class SpawnClient {
  readonly lane: Lane;
  readonly #tenant: TestTenant;
  readonly #agent: { readonly slug: string };
  readonly #threadId: string;
  readonly #healthy: TestServer;
  readonly #api: ApiCaller;
  readonly #prompts: string[] = [];

  private constructor(
    lane: Lane,
    of: {
      readonly tenant: TestTenant;
      readonly agent: { readonly slug: string };
      readonly threadId: string;
      readonly healthy: TestServer;
    },
  ) {
    this.lane = lane;
    this.#tenant = of.tenant;
    this.#agent = of.agent;
    this.#threadId = of.threadId;
    this.#healthy = of.healthy;
    this.#api = new ApiCaller(of.healthy.url, of.tenant.key);
  }

  static async open(lane: Lane): Promise<SpawnClient> {
    const healthy = await startTestServer(lane.control);
    const tenant = await createTestTenantWithKey(lane.control, healthy);
    const agent = await createTestAgent(lane.control, tenant, { model: "openai-compatible:stub" });
    const threadId = await createTestThread(lane.control, tenant, agent);
    return new SpawnClient(lane, { tenant, agent, threadId, healthy });
  }

  /** Spawns at a server that is about to die; every second time in a thread that is yet to be made. */
  async spawnAt(dying: FaultyChild, trial: string): Promise<SpawnTold> {
    const prompt = `[[plain ${trial}]] do it`;
    this.#prompts.push(prompt);
    const place = this.#prompts.length % 2 === 0 ? { agent: this.#agent.slug } : { threadId: this.#threadId };
    const request: ApiRequest = {
      method: "POST",
      path: "/platos-tasks",
      body: { ...place, prompt, label: trial },
      idempotencyKey: trial,
    };
    const first = await new ApiCaller(await dying.serve(), this.#tenant.key).call(request);
    if (first.status !== 0) return { isCommitted: true, violations: [`its server lived and answered ${first.status}`] };
    await dying.exited;
    const committed = await this.#idsOf(prompt);
    const told = await this.#untilAcknowledged(request);
    const again = await this.#untilAcknowledged(request);
    const violations = [...toldApart(committed, { told, again }), ...(await this.#leftBehind({ prompt, trial, told }))];
    return { isCommitted: committed.length > 0, violations };
  }

  /** Lets a worker do all that was spawned; gives what must not be and is. */
  async finish(): Promise<readonly string[]> {
    const worker = await openProduct(this.lane.addresses, { role: "worker" });
    try {
      await worker.startWorker();
      await eventually("every BGO to end", async () => (await openWork(this.lane.database)).length === 0);
    } finally {
      await worker.stop({ graceMs: 1000 });
    }
    return [...(await invariantViolations(this.lane.database)), ...this.#api.alarms];
  }

  close(): Promise<void> {
    return this.#healthy.close();
  }

  async #untilAcknowledged(request: ApiRequest): Promise<Acknowledgement> {
    for (let tries = 1; ; tries += 1) {
      const { status, body } = await this.#api.call(request);
      if (status === 200 || status === 201) return body as Acknowledgement;
      if ((status !== 0 && status !== 503) || tries === maxTries) {
        throw new Error(`A spawn was answered ${status}: ${JSON.stringify(body)}`);
      }
      await delay(retryMs);
    }
  }

  async #idsOf(prompt: string): Promise<readonly string[]> {
    const { rows } = await this.lane.database.query<{ id: string }>(
      "select id from platos.platos_tasks where prompt = $1",
      [prompt],
    );
    return rows.map(({ id }) => id);
  }

  async #leftBehind(of: {
    readonly prompt: string;
    readonly trial: string;
    readonly told: Acknowledgement;
  }): Promise<string[]> {
    const ids = await this.#idsOf(of.prompt);
    const isOne = ids.length === 1 && ids[0] === of.told.bgoId;
    const { rows } = await this.lane.database.query<{ made: number; jobs: number }>(
      `select (select count(*)::int from platos.threads where title = $1) as made,
         (select count(*)::int from pgboss.job where data ->> 'ownerId' = $2) as jobs`,
      [of.trial, of.told.bgoId],
    );
    const { made = 0, jobs = 0 } = rows[0] ?? {};
    return [
      ...(isOne ? [] : [`I1: ${of.told.bgoId} was acknowledged, and there are ${ids.join(", ") || "none"}`]),
      ...(made <= 1 ? [] : [`I4: one spawn made ${made} threads`]),
      ...(jobs === 1 ? [] : [`I5: ${of.told.bgoId} has ${jobs} jobs`]),
    ];
  }
}

/** The answers of two later servers, against what the dead one had committed. */
function toldApart(
  committed: readonly string[],
  { told, again }: { readonly told: Acknowledgement; readonly again: Acknowledgement },
): string[] {
  const found: string[] = [];
  const [known] = committed;
  if (known !== undefined && told.bgoId !== known) {
    found.push(`I4: the dead server had made ${known}, and its client was told of ${told.bgoId}`);
  }
  // The other way round is true at times: a commit that had been sent may be done after the look.
  if (known !== undefined && !told.deduplicated)
    found.push(`I4: ${known} was there, and its client was told it is new`);
  if (again.bgoId !== told.bgoId || !again.deduplicated) {
    found.push(`I4: one key was answered with ${told.bgoId} and ${again.bgoId}`);
  }
  return found;
}
