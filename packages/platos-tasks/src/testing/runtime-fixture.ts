import { afterAll, beforeAll, inject } from "vitest";
import type { Agent } from "../core/agent.ts";
import type { AuditEntry } from "../core/audit.ts";
import { PlatosError } from "../core/errors.ts";
import { isTerminal } from "../core/lifecycle.ts";
import type { Message } from "../core/message.ts";
import type { DeliveryControls, Segment } from "../core/ports/engine.ts";
import type { BgoRow, WaitpointRow } from "../core/ports/store.ts";
import type { Tool } from "../core/tool.ts";
import type { Turn } from "../core/turn.ts";
import { claimBgo, type ClaimedBgo } from "../operations/claim-bgo.ts";
import type { Caller, OperationContext } from "../operations/context.ts";
import { spawnBgo } from "../operations/spawn-bgo.ts";
import type { SpawnRequest } from "../operations/spawn-request.ts";
import type { Runtime } from "../runtime.ts";
import { silentLog } from "../core/ports/log.ts";
import { Database } from "../store/database.ts";
import { invariants } from "../store/invariants/invariants.ts";
import { SwitchboardModel } from "./switchboard-model.ts";
import { sealAudit } from "./seal-audit.ts";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";
import { createTestAgent, createTestTenant, createTestThread, eventually, openTestRuntime } from "./test-runtime.ts";

export interface FixtureOptions {
  readonly tools?: readonly Tool[];
  readonly env?: Readonly<Record<string, string>>;
  /** Whether the runtime also takes and runs segments. */
  readonly works?: boolean;
  /** False for files that put rows into states by hand; all others are checked against every invariant at their end. */
  readonly keepsInvariants?: boolean;
}

/** A runtime on a database of its own for one test file, with what tests keep asking for. */
export class RuntimeFixture {
  readonly model = new SwitchboardModel();
  readonly #options: FixtureOptions;
  readonly #runtimes: Runtime[] = [];
  #parts: { database: TestDatabase; runtime: Runtime; caller: Caller; agent: Agent } | null = null;

  constructor(options: FixtureOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {
    const database = await createTestDatabase(inject("postgresUrl"));
    const runtime = await this.openRuntime(database);
    const caller = await createTestTenant(runtime);
    const agent = await createTestAgent(runtime, caller);
    this.#parts = { database, runtime, caller, agent };
    if (this.#options.works === true) await runtime.startWorker();
  }

  async close(): Promise<void> {
    await Promise.all(this.#runtimes.map((runtime) => runtime.stop({ graceMs: 2000 })));
    if (this.#parts === null) return;
    try {
      if (this.#options.keepsInvariants !== false) await refuseViolations(this.#parts.database);
    } finally {
      await this.#parts.database.drop();
    }
  }

  /** One more runtime on the same database, as another process would be; closed with the rest unless it was stopped. */
  async openRuntime(database: TestDatabase = this.database): Promise<Runtime> {
    const runtime = await openTestRuntime({
      connectionString: database.connectionString,
      model: this.model,
      tools: this.#options.tools ?? [],
      ...(this.#options.env === undefined ? {} : { env: this.#options.env }),
    });
    this.#runtimes.push(runtime);
    return runtime;
  }

  async stopRuntime(runtime: Runtime): Promise<void> {
    this.#runtimes.splice(this.#runtimes.indexOf(runtime), 1);
    await runtime.stop({ graceMs: 2000 });
  }

  get #open(): { database: TestDatabase; runtime: Runtime; caller: Caller; agent: Agent } {
    if (this.#parts === null) throw new Error("The fixture is not open.");
    return this.#parts;
  }
  get database(): TestDatabase {
    return this.#open.database;
  }
  get runtime(): Runtime {
    return this.#open.runtime;
  }
  get operations(): OperationContext {
    return this.#open.runtime.operations;
  }
  get caller(): Caller {
    return this.#open.caller;
  }
  get agent(): Agent {
    return this.#open.agent;
  }

  newThread(agent: Agent = this.agent): Promise<string> {
    return createTestThread(this.runtime, this.caller, agent);
  }

  async spawn(request: Partial<SpawnRequest> = {}): Promise<BgoRow> {
    const ofParent = request.parent?.kind === "bgo" ? request.parent.bgo.threadId : undefined;
    const threadId = request.threadId ?? ofParent ?? (await this.newThread());
    return (await spawnBgo(this.operations, this.caller, { prompt: "do it", ...request, threadId })).bgo;
  }

  async bgo(id: string): Promise<BgoRow> {
    const row = await this.operations.store.autocommit.bgos.find(this.caller.scope, id);
    if (row === null) throw new Error(`There is no ${id}.`);
    return row;
  }

  async turn(id: string): Promise<Turn> {
    const row = await this.operations.store.autocommit.turns.find(this.caller.scope, id);
    if (row === null) throw new Error(`There is no ${id}.`);
    return row;
  }

  /** Claims a queued or running BGO as a worker would that was delivered its segment. */
  async claim(bgoId: string): Promise<ClaimedBgo> {
    const claimed = await claimBgo(this.operations, segmentOf(await this.bgo(bgoId)), heldDelivery);
    if (claimed === null) throw new Error(`${bgoId} could not be claimed.`);
    return claimed;
  }

  messages(threadId: string): Promise<readonly Message[]> {
    return this.operations.store.autocommit.messages.list(this.caller.scope, threadId, { afterSeq: 0, limit: 1000 });
  }

  audit(targetId: string): Promise<readonly AuditEntry[]> {
    return this.operations.store.autocommit.audit.list(this.caller.scope, targetId, 1000);
  }

  /** Waits until the BGO has ended. */
  ended(bgoId: string): Promise<BgoRow> {
    return eventually(`${bgoId} to end`, async () => {
      const row = await this.bgo(bgoId);
      return isTerminal(row.status) ? row : null;
    });
  }

  /** Waits until the BGO is suspended, and gives what it waits for. */
  waiting(bgoId: string): Promise<readonly WaitpointRow[]> {
    return eventually(`${bgoId} to wait`, async () => {
      if ((await this.bgo(bgoId)).status !== "waiting") return null;
      const waits = await this.operations.store.autocommit.waitpoints.listOf(bgoId);
      return waits.filter(({ status }) => status === "open");
    });
  }

  /** Waits until the turn has ended. */
  turnEnded(turnId: string): Promise<Turn> {
    return eventually(`${turnId} to end`, async () => {
      const row = await this.turn(turnId);
      return row.finishedAt === null ? null : row;
    });
  }
}

async function refuseViolations(test: TestDatabase): Promise<void> {
  const database = new Database({ connectionString: test.connectionString, poolSize: 2, log: silentLog });
  try {
    await sealAudit(database);
    const found: string[] = [];
    for (const invariant of invariants) {
      found.push(...(await invariant.violations(database)).map((violation) => `${invariant.id}: ${violation}`));
    }
    if (found.length > 0) throw new Error(`The tests of this file left what must never be:\n${found.join("\n")}`);
  } finally {
    await database.close();
  }
}

/** Opens a fixture before the tests of a file and closes it after them. */
export function useRuntime(options: FixtureOptions = {}): RuntimeFixture {
  const fixture = new RuntimeFixture(options);
  beforeAll(() => fixture.open());
  afterAll(() => fixture.close());
  return fixture;
}

export function segmentOf(bgo: Pick<BgoRow, "id" | "engineRunId">): Segment {
  if (bgo.engineRunId === null) throw new Error(`${bgo.id} has no segment.`);
  return { id: bgo.engineRunId, ownerId: bgo.id, ownerKind: "bgo" };
}

export async function noCompletion(): Promise<void> {}

/** What a claim asks of a delivery that nobody else has. */
export const heldDelivery = { complete: noCompletion, holdsLease: async (): Promise<boolean> => true } as const;

export interface FakeDelivery {
  readonly controls: DeliveryControls;
  readonly abort: AbortController;
  readonly stop: AbortController;
  /** The next time it is asked about, the lease is lost. */
  readonly loseLease: () => void;
  /** How often the segment was completed. */
  readonly completions: () => number;
}

/** The controls of a delivery without an engine: whether leases hold is for the test to say. */
export function fakeDelivery(): FakeDelivery {
  const abort = new AbortController();
  const stop = new AbortController();
  let completions = 0;
  let isLost = false;
  const complete = async (): Promise<void> => {
    completions += 1;
  };
  return {
    controls: {
      signal: abort.signal,
      stopping: stop.signal,
      hurrying: stop.signal,
      complete,
      holdsLease: heldDelivery.holdsLease,
      confirmLease: async () => {
        if (isLost) abort.abort(new PlatosError("segment.superseded", "Its lease was lost."));
        abort.signal.throwIfAborted();
      },
    },
    abort,
    stop,
    loseLease: () => {
      isLost = true;
    },
    completions: () => completions,
  };
}
