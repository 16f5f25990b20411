import { setTimeout as delay } from "node:timers/promises";
import type { Caller } from "../../packages/platos-tasks/src/operations/context.ts";
import {
  createTestAgent,
  createTestTenant,
  createTestThread,
} from "../../packages/platos-tasks/src/testing/test-runtime.ts";
import { type Failpoint, failpointText } from "../failpoints/failpoint.ts";
import { violationsOf } from "./check-trial.ts";
import type { FaultyChild } from "./faulty-child.ts";
import type { SeenPoint } from "../failpoints/failpoint-gate.ts";
import type { Lane } from "./lane.ts";
import { openWaitOf, openWork, passTime } from "./queue-surgery.ts";
import { Takeover } from "./takeover.ts";
import { TrialClient } from "./trial-client.ts";
import { type Workload, type WorkloadName, workloads } from "./workload.ts";

export interface TrialOptions {
  /** Tells its prompts and keys from those of all others on the lane. */
  readonly trial: string;
  readonly workload: WorkloadName;
  readonly failpoint: Failpoint | null;
  readonly child: FaultyChild;
  /** Leases run out by themselves, and a frozen process stays away for two of them. */
  readonly inRealTime?: boolean;
  /** Goes on while two healthy processes work; tells how often work was delivered a second time. */
  readonly disturb?: (lane: Lane) => Promise<{ readonly redeliveries: number }>;
}

export interface TrialOutcome {
  /** Whether the fault came to act. */
  readonly reached: boolean;
  readonly alarms: readonly string[];
  /** Calls that the process made; empty when it was killed. */
  readonly seen: readonly SeenPoint[];
  /** Whether leases had to run out once more before all was done. */
  readonly stalled: boolean;
  /** From the fault to the end of all work; 0 without a fault. */
  readonly recoveredMs: number;
}

const pollMs = 10;
const stallMs = 5000;
const quietMs = 30_000;
const realQuietMs = 60_000;
const stopGraceMs = 1000;

/** Plays a workload on a faulty process, lets a healthy one take over where that is needed, and checks what is left. */
export async function runTrial(lane: Lane, options: TrialOptions): Promise<TrialOutcome> {
  const trial = new Trial(lane, options);
  try {
    return await trial.run();
  } finally {
    await trial.close();
  }
}

class Trial {
  readonly #lane: Lane;
  readonly #options: TrialOptions;
  readonly #workload: Workload;
  readonly #takeover: Takeover;
  readonly #before: { readonly calls: number; readonly effects: number };
  #stalled = false;
  #nudges = 0;

  constructor(lane: Lane, options: TrialOptions) {
    this.#lane = lane;
    this.#options = options;
    this.#workload = workloads[options.workload];
    this.#takeover = new Takeover({ lane, child: options.child, inRealTime: options.inRealTime === true });
    this.#before = { calls: lane.model.calls.length, effects: lane.sink.effects.length };
  }

  async run(): Promise<TrialOutcome> {
    const { control, addresses } = this.#lane;
    const { child, failpoint, disturb } = this.#options;
    const caller = await createTestTenant(control);
    const agent = await createTestAgent(control, caller, { model: "openai-compatible:stub" });
    const threadId = await createTestThread(control, caller, agent);
    await child.open(addresses, failpoint);
    await child.work();
    const reachedAtMs = child.reached.then(() => performance.now());
    const absence = this.#losesProcess ? child.reached.then(() => this.#absence()) : Promise.resolve();
    if (disturb !== undefined) await this.#takeover.begin();
    const disturbed = disturb?.(this.#lane) ?? Promise.resolve({ redeliveries: 0 });
    const client = new TrialClient({ lane: this.#lane, caller, child, losesProcess: this.#losesProcess });
    const alarms = await this.#quiet(Promise.all([this.#play(client, threadId), disturbed]));
    const reached = child.hasReached;
    const recoveredMs = reached ? performance.now() - (await reachedAtMs) : 0;
    if (reached) await absence;
    if (reached && failpoint?.action === "kill") await child.exited;
    const seen = child.isAlive ? await this.#closed(child) : [];
    // What a process that stops in order has given back is done by the other one.
    if (alarms.length === 0) alarms.push(...(await this.#quiet(Promise.resolve())));
    const { redeliveries } = await disturbed;
    alarms.push(...(await this.#check({ caller, client, redeliveries })));
    return { reached, seen, stalled: this.#stalled, recoveredMs, alarms: alarms.map((alarm) => this.#named(alarm)) };
  }

  /** One that is killed behind its last commit may die just then: the fault came too late, and the trial is run again. */
  async #closed(child: FaultyChild): Promise<readonly SeenPoint[]> {
    try {
      return await child.close(stopGraceMs);
    } catch (error) {
      if (this.#options.failpoint?.action === "kill" && !child.isAlive) return [];
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#lane.answer(this.#options.trial);
    await this.#takeover.close();
  }

  get #losesProcess(): boolean {
    return ["kill", "stop", "hold"].includes(this.#options.failpoint?.action ?? "");
  }

  async #absence(): Promise<void> {
    if (this.#options.failpoint?.action === "kill") await this.#takeover.begin();
    else await this.#takeover.duringAbsence({ untilDone: this.#options.failpoint?.action === "stop" });
  }

  async #play(client: TrialClient, threadId: string): Promise<void> {
    const { trial } = this.#options;
    await this.#workload.play({
      trial,
      threadId,
      ask: (request) => client.ask(request),
      asked: (job) => this.#lane.asked(job, trial),
      answered: () => this.#lane.answer(trial),
      waiting: (bgoId) => this.#waiting(bgoId),
    });
  }

  async #waiting(bgoId: string): Promise<string> {
    for (;;) {
      const wait = await openWaitOf(this.#lane.database, bgoId);
      if (wait !== null) return wait;
      await delay(pollMs);
    }
  }

  /** Waits until nothing is left to do; what is late is helped along as the passing of a lease would. */
  async #quiet(played: Promise<unknown>): Promise<string[]> {
    const { database } = this.#lane;
    const play: { isOver: boolean; readonly failures: string[] } = { isOver: false, failures: [] };
    played
      .catch((error: unknown) => play.failures.push(`a client was refused: ${String(error)}`))
      .finally(() => (play.isOver = true));
    const limitMs = this.#options.inRealTime === true ? realQuietMs : quietMs;
    const startMs = performance.now();
    let nudgedMs = startMs;
    for (;;) {
      // Before the look: what is asked for after it is not in it.
      const isPlayed = play.isOver;
      const open = await openWork(database);
      if (play.failures.length > 0) return play.failures;
      if (isPlayed && open.length === 0) return [];
      const nowMs = performance.now();
      if (nowMs - startMs > limitMs) return [`I18: not done after ${limitMs / 1000} s: ${open.join("; ")}`];
      if (nowMs - nudgedMs > stallMs && this.#options.inRealTime !== true) {
        nudgedMs = nowMs;
        this.#stalled = true;
        if (await this.#takeover.begin()) this.#nudges += 1;
      }
      await passTime(database);
      await this.#takeover.wakeDue();
      await delay(pollMs);
    }
  }

  #check(of: {
    readonly caller: Caller;
    readonly client: TrialClient;
    readonly redeliveries: number;
  }): Promise<string[]> {
    const { child, failpoint, trial } = this.#options;
    const losses = this.#nudges + of.redeliveries;
    const isZombie = child.hasReached && this.#losesProcess && failpoint?.action !== "kill";
    return violationsOf({
      lane: this.#lane,
      workload: this.#workload,
      trial,
      caller: of.caller,
      faults: losses + (child.hasReached ? 1 : 0),
      zombies: losses + (isZombie ? 1 : 0),
      acknowledged: of.client.acknowledged,
      calls: this.#lane.model.calls.slice(this.#before.calls),
      effects: this.#lane.sink.effects.slice(this.#before.effects),
    });
  }

  #named(alarm: string): string {
    const { workload, failpoint, disturb } = this.#options;
    const without = disturb === undefined ? "without a fault" : "delivered again and again";
    return `${workload} ${failpoint === null ? without : failpointText(failpoint)}: ${alarm}`;
  }
}
