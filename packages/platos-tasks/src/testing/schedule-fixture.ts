import { createSchedule, type ScheduleRequest } from "../operations/schedules/create-schedule.ts";
import { getSchedule } from "../operations/schedules/list-schedules.ts";
import type { Schedule, ScheduleFire } from "../core/schedule.ts";
import type { RuntimeFixture } from "./runtime-fixture.ts";

/** Once an hour, and at any moment half an hour away from it: nothing comes due while a test runs. */
export function hourlyRule(): { readonly cron: string; readonly timeZone: string } {
  return { cron: `${(new Date().getUTCMinutes() + 30) % 60} * * * *`, timeZone: "UTC" };
}

/** Schedules of a test file, and their time, which passes only when a test says so. */
export class ScheduleFixture {
  readonly #fixture: RuntimeFixture;

  constructor(fixture: RuntimeFixture) {
    this.#fixture = fixture;
  }

  async create(request: Partial<ScheduleRequest> = {}): Promise<Schedule> {
    const { operations, caller } = this.#fixture;
    const threadId = request.threadId ?? (await this.#fixture.newThread());
    const full = { ...hourlyRule(), prompt: "do it", ...request, threadId };
    return (await createSchedule(operations, caller, full)).schedule;
  }

  /** As if everything that is decided, and the BGOs of it, were older by this much. Whole hours keep instants instants. */
  async pass({ id }: Pick<Schedule, "id">, interval: string): Promise<void> {
    const { database } = this.#fixture;
    // Two steps: on its way a key must not meet that of another fire.
    await database.query(
      "update platos.platos_tasks set idempotency_key = idempotency_key || ' moved' where key_scope = 'schedule:' || $1",
      [id],
    );
    const moved = [
      `update platos.platos_tasks set run_at = run_at - $2::interval, idempotency_key = to_char(
         (replace(idempotency_key, ' moved', '')::timestamptz - $2::interval) at time zone 'UTC',
         'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
       where key_scope = 'schedule:' || $1`,
      `update platos.schedules set decided_through = decided_through - $2::interval,
         next_fire_at = next_fire_at - $2::interval, wake_at = wake_at - $2::interval
       where id = $1`,
      `update platos.schedule_fires set fire_at = fire_at - $2::interval, through = through - $2::interval
       where schedule_id = $1`,
    ];
    for (const text of moved) await database.query(text, [id, interval]);
  }

  /** Oldest first. */
  async fires(schedule: Pick<Schedule, "id">): Promise<readonly ScheduleFire[]> {
    const { operations, caller } = this.#fixture;
    return (await getSchedule(operations, caller, schedule.id)).recentFires.toReversed();
  }

  async outcomes(schedule: Pick<Schedule, "id">): Promise<readonly string[]> {
    return (await this.fires(schedule)).map(({ outcome, count }) => (count === 1 ? outcome : `${outcome} ${count}`));
  }
}
