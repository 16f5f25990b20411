import { createAiSdkModel } from "./agent-loop/ai-sdk-model.ts";
import { createProviders } from "./agent-loop/providers.ts";
import { cronerCalendar } from "./calendar/croner-calendar.ts";
import type { Config } from "./config.ts";
import { defaultCaps } from "./core/caps.ts";
import type { ArtifactStore } from "./core/ports/artifacts.ts";
import type { Clock } from "./core/ports/clock.ts";
import type { Engine } from "./core/ports/engine.ts";
import type { EventLog } from "./core/ports/event-log.ts";
import type { Log } from "./core/ports/log.ts";
import type { ModelPort } from "./core/ports/model.ts";
import type { Notifications } from "./core/ports/notifications.ts";
import type { Store } from "./core/ports/store.ts";
import type { Tool } from "./core/tool.ts";
import { createEgress } from "./egress/create-egress.ts";
import { EmbeddedEngine } from "./engines/embedded/embedded-engine.ts";
import type { OperationContext } from "./operations/context.ts";
import { Database, type DatabaseOptions } from "./store/database.ts";
import { Housekeeping } from "./store/housekeeping.ts";
import { Listener } from "./store/listener.ts";
import { migrate, migrationMs, pendingMigrations } from "./store/migrate.ts";
import { createPostgresArtifacts } from "./store/postgres-artifacts.ts";
import { createPostgresEventLog } from "./store/postgres-event-log.ts";
import { createPostgresStore } from "./store/postgres-store.ts";
import { jsonSchemas } from "./system/json-schemas.ts";
import { createLinks, readLinkSecret } from "./system/link-tokens.ts";
import { createPinoLog } from "./system/pino-log.ts";
import { systemClock } from "./system/system-clock.ts";
import { systemIdentity } from "./system/system-identity.ts";
import { createBuiltInTools } from "./tools/built-in-tools.ts";
import { notificationsLive } from "./worker/notifications-live.ts";
import { Periodic } from "./worker/periodic.ts";
import { SuspectLine } from "./worker/suspect-line.ts";
import { Worker } from "./worker/worker.ts";

/** Everything on one database, composed. */
export interface Runtime {
  readonly operations: OperationContext;
  readonly artifacts: ArtifactStore;
  readonly eventLog: EventLog;
  readonly notifications: Notifications;
  readonly engine: Engine;
  readonly clock: Clock;
  readonly log: Log;
  /** Names that an agent's `tools` may hold. */
  readonly toolNames: readonly string[];
  /** Takes and runs segments, in the roles that work. */
  startWorker(): Promise<void>;
  /** Gives running segments back, waits for them up to `graceMs`, closes every connection. */
  stop(options: { readonly graceMs: number }): Promise<void>;
}

/** What the parts of a runtime talk to each other through. */
export interface RuntimePorts {
  readonly store: Store;
  readonly engine: Engine;
  readonly model: ModelPort;
  readonly tools: readonly Tool[];
  readonly clock: Clock;
}

export interface RuntimeOptions {
  readonly config: Config;
  readonly connectionString: string;
  /** In place of the built-in ones, for tests and for those who bring their own. */
  readonly model?: ModelPort;
  readonly tools?: readonly Tool[];
  readonly log?: Log;
  /** Puts something between the parts, for those who hold or break what passes there. */
  readonly decorate?: (ports: RuntimePorts) => RuntimePorts;
}

/**
 * Connections of one process. Segments hold one only while they commit, so a few serve hundreds; more of them only make
 * the database switch between them (100 BGOs at a time on two cores: 16 and 20 did a tenth more than 12, and 30 less).
 */
const poolSize = 16;
const housekeepingMs = 15_000;
/** Our statements are short, and nobody is to wait for a minute to hear that the network has died. */
const answerMs = 12_000;

/** Fails with `store.unavailable` while the database is away; then nothing is left open, and it may be tried again. */
export async function openRuntime(options: RuntimeOptions): Promise<Runtime> {
  const log = options.log ?? createPinoLog(options.config.logLevel);
  const { connectionString } = options;
  const database = new Database({ connectionString, poolSize, cachesPlans: true, log, answerMs });
  try {
    if ((await pendingMigrations(database)).length > 0) await migrateAtLeisure({ connectionString, log });
    return await compose(options, { database, log });
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function migrateAtLeisure(options: Pick<DatabaseOptions, "connectionString" | "log">): Promise<void> {
  const database = new Database({ ...options, poolSize: 2, answerMs: migrationMs });
  try {
    await migrate(database);
  } finally {
    await database.close();
  }
}

async function compose(
  options: RuntimeOptions,
  { database, log }: { readonly database: Database; readonly log: Log },
): Promise<Runtime> {
  const { config, connectionString } = options;
  const works = config.role !== "server";
  const notifications = new Listener({ connectionString, database, log });
  const slots = works ? { bgo: config.workerConcurrency, turn: config.workerConcurrency } : { bgo: 0, turn: 0 };
  const artifacts = createPostgresArtifacts({ database, identity: systemIdentity });
  const egress = createEgress({ allowPrivateHosts: config.egressAllow });
  const plain: RuntimePorts = {
    store: createPostgresStore({ database, identity: systemIdentity, notifications }),
    engine: await EmbeddedEngine.open({ database, notifications, log, slots }),
    model: options.model ?? createAiSdkModel({ providers: createProviders(config.providers), clock: systemClock, log }),
    tools: options.tools ?? createBuiltInTools({ egressFetch: egress.fetch, artifacts }),
    clock: systemClock,
  };
  const { store, engine, model, tools, clock } = options.decorate?.(plain) ?? plain;
  const links = createLinks(config.linkSecret ?? (await readLinkSecret(config.homeDir)));
  const operations: OperationContext = {
    store,
    engine,
    identity: systemIdentity,
    links,
    schemas: jsonSchemas,
    clock,
    calendar: cronerCalendar,
    caps: defaultCaps,
  };
  const live = notificationsLive(notifications);
  const worker = new Worker({ operations, model, tools, live, clock, log, suspects: new SuspectLine() }, [
    new Periodic({
      name: "housekeeping",
      everyMs: housekeepingMs,
      log,
      run: (stopping) => new Housekeeping(database).run(stopping),
    }),
  ]);
  return {
    operations,
    artifacts,
    eventLog: createPostgresEventLog(database),
    notifications,
    engine,
    clock,
    log,
    toolNames: tools.map((tool) => tool.name),
    startWorker: () => worker.start(),
    async stop({ graceMs }) {
      await worker.stop(graceMs);
      await egress.close();
      await notifications.close();
      await database.close();
    },
  };
}
