import type { AcknowledgedSchedule } from "./check-promises.ts";
import { textAt } from "../harness/outside/api-caller.ts";
import { Random } from "../harness/random.ts";
import type { History } from "./history.ts";
import { promptOf } from "./model-script.ts";
import type { PatientClient } from "./patient-client.ts";

export interface SchedulingClientOptions {
  readonly seed: number;
  readonly client: PatientClient;
  readonly history: History;
  readonly threads: readonly string[];
  readonly alarms: string[];
}

/** They fire every minute each. */
const atOnce = 8;

/** Makes schedules, asks for some of them again, and cancels the oldest when there are many. */
export class SchedulingClient {
  readonly acknowledged: { -readonly [Field in keyof AcknowledgedSchedule]: AcknowledgedSchedule[Field] }[] = [];
  readonly #options: SchedulingClientOptions;
  readonly #live: string[] = [];

  constructor(options: SchedulingClientOptions) {
    this.#options = options;
  }

  async run(): Promise<void> {
    const { seed, client } = this.#options;
    const random = Random.of(seed, "schedules");
    for (let count = 0; !client.isOver; count += 1) {
      await this.#make(random, `t${count}`);
      if (this.#live.length > atOnce) await this.#cancelOldest();
      await client.pause(random, 6000, 15_000);
    }
  }

  async cancelAll(): Promise<void> {
    while (this.#live.length > 0) await this.#cancelOldest();
  }

  async #make(random: Random, name: string): Promise<void> {
    const { client, history, threads, alarms } = this.#options;
    const body = {
      threadId: threads[random.index(threads.length)] ?? "",
      // Some runs are still there when the next one comes due.
      prompt: promptOf(random.chance(0.3) ? "napper" : "tick", name),
      cron: "* * * * *",
      overlap: random.pick(["skip", "queue", "parallel"]),
      missed: random.pick(["skip", "one", "all"]),
      jitterSeconds: random.index(40),
    };
    const request = { method: "POST", path: "/schedules", body, idempotencyKey: `schedule-${name}` } as const;
    const answers = [await client.ask(request)];
    if (random.chance(0.3)) answers.push(...(await Promise.all([client.ask(request), client.ask(request)])));
    const ids = new Set(answers.map((answer) => textAt(answer.body, "id")));
    const [id = null] = ids;
    history.add({ kind: "schedule", name, id, statuses: answers.map(({ status }) => status) });
    if (id === null || ids.size > 1) {
      alarms.push(`I4: the schedule ${name} was answered ${JSON.stringify(answers)}`);
      return;
    }
    this.acknowledged.push({ scheduleId: id, prompt: body.prompt, cancelledAtMs: null });
    this.#live.push(id);
  }

  async #cancelOldest(): Promise<void> {
    const id = this.#live.shift();
    const { client, history, alarms } = this.#options;
    const { status, body } = await client.ask({ method: "DELETE", path: `/schedules/${id}` });
    const outcome = textAt(body, "outcome");
    history.add({ kind: "cancel_schedule", id, status, outcome });
    // Already cancelled means that an earlier try was done and its answer lost.
    const schedule = this.acknowledged.find(({ scheduleId }) => scheduleId === id);
    if (outcome !== null && schedule !== undefined) schedule.cancelledAtMs = Date.now();
    else alarms.push(`the cancel of ${id} was answered ${status} ${JSON.stringify(body)}`);
  }
}
