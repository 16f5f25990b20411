import type { Agent } from "../../../packages/platos-tasks/src/core/agent.ts";
import { silentLog } from "../../../packages/platos-tasks/src/core/ports/log.ts";
import type { BgoRow } from "../../../packages/platos-tasks/src/core/ports/store.ts";
import { claimBgo } from "../../../packages/platos-tasks/src/operations/claim-bgo.ts";
import type { OperationContext } from "../../../packages/platos-tasks/src/operations/context.ts";
import type { Runtime } from "../../../packages/platos-tasks/src/runtime.ts";
import { Database } from "../../../packages/platos-tasks/src/store/database.ts";
import { sealAudit } from "../../../packages/platos-tasks/src/testing/seal-audit.ts";
import type { TestDatabase } from "../../../packages/platos-tasks/src/testing/test-database.ts";
import {
  createTestAgent,
  createTestThread,
  eventually,
  openTestRuntime,
} from "../../../packages/platos-tasks/src/testing/test-runtime.ts";
import {
  createTestTenantWithKey,
  startTestServer,
  type TestServer,
  type TestTenant,
} from "../../../packages/platos-tasks/src/testing/test-server.ts";
import { invariantViolations } from "../evidence/invariant-violations.ts";
import { opened } from "../closing.ts";
import { startQuickPostgres } from "../postgres/quick-postgres.ts";

/** What a claim is told of a delivery that the race plays itself: its lease holds, and no job is to be closed. */
export const deliveredNow = {
  complete: async () => undefined,
  holdsLease: async () => true,
  confirmLease: async () => undefined,
} as const;

/** A real Postgres with runtimes on it that only take orders: their workers are the race's to play. */
export class RaceGround {
  readonly database: TestDatabase;
  /** At least one. */
  readonly runtimes: readonly [Runtime, ...Runtime[]];
  readonly server: TestServer;
  readonly tenant: TestTenant;
  readonly agent: Agent;

  private constructor(parts: Pick<RaceGround, "database" | "runtimes" | "server" | "tenant" | "agent">) {
    this.database = parts.database;
    this.runtimes = parts.runtimes;
    this.server = parts.server;
    this.tenant = parts.tenant;
    this.agent = parts.agent;
  }

  static async open(closing: AsyncDisposableStack, { runtimes: count = 1 } = {}): Promise<RaceGround> {
    const postgres = await startQuickPostgres(closing);
    const database = await postgres.createDatabase();
    closing.defer(() => database.drop());
    const open = async (): Promise<Runtime> => {
      const runtime = await openTestRuntime({ connectionString: database.connectionString, tools: [] });
      closing.defer(() => runtime.stop({ graceMs: 1000 }));
      return runtime;
    };
    const first = await open();
    const others = await Promise.all(Array.from({ length: count - 1 }, open));
    const server = await opened(closing, () => startTestServer(first));
    const tenant = await createTestTenantWithKey(first, server);
    const agent = await createTestAgent(first, tenant);
    return new RaceGround({ database, runtimes: [first, ...others], server, tenant, agent });
  }

  runtime(index: number): Runtime {
    return this.runtimes[index % this.runtimes.length] ?? this.runtimes[0];
  }

  /** The ports of a runtime, taken in turn: racers on different ones share no connection. */
  operations(index: number): OperationContext {
    return this.runtime(index).operations;
  }

  newThread(): Promise<string> {
    return createTestThread(this.runtimes[0], this.tenant, this.agent);
  }

  async find(bgoId: string): Promise<BgoRow> {
    const row = await this.operations(0).store.autocommit.bgos.find(this.tenant.scope, bgoId);
    if (row === null) throw new Error(`There is no ${bgoId}.`);
    return row;
  }

  async untilEnded(bgoId: string): Promise<void> {
    await eventually(`${bgoId} to end`, async () => (await this.find(bgoId)).finishedAt !== null);
  }

  /** Takes a queued or running BGO as a worker would that was delivered its segment. */
  async claim(bgo: Pick<BgoRow, "id" | "engineRunId">, as = 0): Promise<BgoRow> {
    const segment = { id: bgo.engineRunId ?? "", ownerId: bgo.id, ownerKind: "bgo" } as const;
    const claimed = await claimBgo(this.operations(as), segment, deliveredNow);
    if (claimed === null) throw new Error(`${bgo.id} could not be claimed.`);
    return claimed.bgo;
  }

  /** What every invariant says of the whole database, one sentence per violation. */
  async violations(): Promise<readonly string[]> {
    const database = new Database({
      connectionString: this.database.connectionString,
      poolSize: 2,
      log: silentLog,
    });
    try {
      await sealAudit(database);
      return await invariantViolations(database);
    } finally {
      await database.close();
    }
  }
}
