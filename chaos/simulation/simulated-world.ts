import type { Scheduler } from "fast-check";
import type { Agent } from "../../packages/platos-tasks/src/core/agent.ts";
import type { Json } from "../../packages/platos-tasks/src/core/json.ts";
import { defaultMetaTools } from "../../packages/platos-tasks/src/core/agent.ts";
import { jsonSchemas } from "../../packages/platos-tasks/src/system/json-schemas.ts";
import { createLinks } from "../../packages/platos-tasks/src/system/link-tokens.ts";
import { type Caps, defaultCaps } from "../../packages/platos-tasks/src/core/caps.ts";
import { type CancelOutcome, isTerminal } from "../../packages/platos-tasks/src/core/lifecycle.ts";
import { silentLog } from "../../packages/platos-tasks/src/core/ports/log.ts";
import type { Clock } from "../../packages/platos-tasks/src/core/ports/clock.ts";
import type { Identity } from "../../packages/platos-tasks/src/core/ports/identity.ts";
import { idPrefixes } from "../../packages/platos-tasks/src/core/ids.ts";
import type { Calendar } from "../../packages/platos-tasks/src/core/ports/calendar.ts";
import type { Caller, OperationContext } from "../../packages/platos-tasks/src/operations/context.ts";
import { systemIdentity } from "../../packages/platos-tasks/src/system/system-identity.ts";
import { SuspectLine } from "../../packages/platos-tasks/src/worker/suspect-line.ts";
import { Worker } from "../../packages/platos-tasks/src/worker/worker.ts";
import { Fiber, type FiberFate } from "./fiber.ts";
import { threadCount } from "./program.ts";
import { SimulatedDatabase } from "./simulated-database.ts";
import { type Running, SimulatedEngine } from "./simulated-engine.ts";
import { createSimulatedModel, createSimulatedTools, type Outside, simulatedToolNames } from "./simulated-model.ts";
import { createSimulatedStore, type SimulatedStorage } from "./simulated-store.ts";
import type { StoreRecorder } from "./store-recorder.ts";
import { onlySupported } from "./statements.ts";

export const simulatedCaller: Caller = {
  scope: { orgId: "org_simulated", projectId: "prj_simulated", envId: "env_simulated" },
  actor: { type: "system", id: null },
};

/** What the clock of every world shows at first. */
export const simulationBeganMs = Date.UTC(2030, 0, 1);

export const simulatedAgent: Agent = {
  id: "agt_simulated",
  slug: "assistant",
  versionId: "agv_simulated",
  version: 1,
  name: "Assistant",
  model: "simulated:plan",
  systemPrompt: "",
  tools: simulatedToolNames,
  metaTools: defaultMetaTools,
  askTools: [],
  budget: {},
  createdAt: new Date(simulationBeganMs),
  updatedAt: new Date(simulationBeganMs),
};

export const tightCaps: Caps = { ...defaultCaps, maxDepth: 2, maxSpawnsPerTurn: 1, maxLivePerThread: 2 };

/** What callers were told, to be held against what the database says in the end. */
export interface Told {
  readonly spawned: { readonly bgoId: string; readonly request: string }[];
  readonly cancelled: { readonly bgoId: string; readonly outcome: CancelOutcome }[];
  readonly posted: { readonly messageId: string; readonly threadId: string }[];
  readonly answered: { readonly waitpointId: string; readonly resolution: Json }[];
  /** How often somebody asked for a BGO without giving it a key. */
  keyless: number;
}

export interface WorldOptions {
  readonly scheduler: Scheduler;
  readonly capsAreTight: boolean;
  readonly hintsArrive: boolean;
  readonly recorder: StoreRecorder | null;
}

/** One process: its ports, which die with its fiber. */
export interface SimulatedProcess {
  readonly fiber: Fiber;
  readonly operations: OperationContext;
  readonly engine: SimulatedEngine;
}

/** A database, a queue, a clock and an outside, on which processes run and die. */
export class SimulatedWorld {
  readonly database = new SimulatedDatabase(() => this.#watchCaps());
  readonly fibers: Fiber[] = [];
  /** What was wrong for a moment, whether or not the end shows it. */
  readonly seenBroken: string[] = [];
  readonly told: Told = { spawned: [], cancelled: [], posted: [], answered: [], keyless: 0 };
  readonly outside: Outside = { effects: new Map(), failed: new Set(), callIds: 0 };
  readonly threads: readonly string[];
  readonly caps: Caps;
  readonly storage: SimulatedStorage;
  readonly #options: WorldOptions;
  readonly #running = new Set<Running>();
  #nowMs = simulationBeganMs;
  #ids = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.caps = options.capsAreTight ? tightCaps : defaultCaps;
    this.storage = {
      database: this.database,
      agent: simulatedAgent,
      nowMs: () => this.#nowMs,
      server: new Fiber("the database", options.scheduler),
      undecided: [],
      recorder: options.recorder,
      statements: new WeakMap(),
    };
    this.threads = Array.from({ length: threadCount }, (_, index) => `thr_${index}`);
  }

  /** Threads that are there before anything happens. */
  async open(): Promise<void> {
    const { operations } = this.newProcess("opening", {}, null);
    for (const id of this.threads) {
      const thread = { id, agentId: simulatedAgent.id, title: null, clientChatId: null };
      await operations.store.autocommit.threads.insert(simulatedCaller.scope, thread);
    }
  }

  newProcess(name: string, fate: FiberFate, scheduler: Scheduler | null = this.#options.scheduler): SimulatedProcess {
    const fiber = new Fiber(name, scheduler, fate);
    this.fibers.push(fiber);
    const store = createSimulatedStore(this.storage, fiber);
    const { hintsArrive } = this.#options;
    const engine = new SimulatedEngine({
      storage: this.storage,
      autocommit: store.autocommit,
      running: this.#running,
      hintsArrive,
    });
    const operations = {
      store,
      engine,
      identity: this.#identity,
      links: createLinks("simulated"),
      schemas: jsonSchemas,
      clock: this.#clockOf(fiber),
      calendar: onlySupported<Calendar>({}),
      caps: this.caps,
    };
    return { fiber, operations, engine };
  }

  /** The product's own worker on a process. Its periodic work is left to the program. */
  newWorker({ fiber, operations }: SimulatedProcess): Worker {
    const someBgo = (): string | null => this.database.rows("bgo")[0]?.id ?? null;
    return new Worker({
      operations,
      model: createSimulatedModel({ fiber, outside: this.outside, someBgo, now: () => this.now() }),
      tools: createSimulatedTools(fiber, this.outside),
      live: { publishDelta: () => undefined },
      clock: operations.clock,
      log: silentLog,
      suspects: new SuspectLine(),
    });
  }

  now(): Date {
    return new Date(this.#nowMs);
  }

  jump(ms: number): void {
    this.#nowMs += ms;
    this.#options.recorder?.events.push({ kind: "clock jumped", ms });
  }

  #watchCaps(): void {
    const live = new Map<string, number>();
    for (const { threadId, status } of this.database.committed.bgo.values()) {
      if (!isTerminal(status)) live.set(threadId, (live.get(threadId) ?? 0) + 1);
    }
    for (const [threadId, count] of live) {
      if (count > this.caps.maxLivePerThread) this.seenBroken.push(`I12: ${threadId} had ${count} live BGOs`);
    }
  }

  #clockOf(fiber: Fiber): Clock {
    return {
      now: () => this.now(),
      async sleep(_ms, signal) {
        await fiber.point("sleep");
        signal?.throwIfAborted();
      },
    };
  }

  readonly #identity: Identity = {
    newId: (kind) => `${idPrefixes[kind]}_${this.#nextId()}`,
    newSegmentId: () => `00000000-0000-7000-8000-${this.#nextId()}`,
    newSecret: () => this.#nextId(),
    sha256: systemIdentity.sha256,
  };

  #nextId(): string {
    this.#ids += 1;
    return String(this.#ids).padStart(12, "0");
  }
}
