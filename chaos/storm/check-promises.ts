import type { Executor } from "../../packages/platos-tasks/src/store/database.ts";
import { watch } from "../harness/until.ts";

export interface AcknowledgedMessage {
  readonly messageId: string;
  readonly turnId: string;
  readonly text: string;
  /** Of what its turn spawns first. */
  readonly firstPrompt: string;
  /** The question of a BGO that it answered. */
  readonly answeredWaitpointId: string | null;
}

export interface AcknowledgedAnswer {
  readonly waitpointId: string;
  readonly value: string;
}

export interface AcknowledgedSchedule {
  readonly scheduleId: string;
  readonly prompt: string;
  /** When the answer to its cancel was there. */
  readonly cancelledAtMs: number | null;
}

/** What callers were told besides spawns and cancels. */
export interface StormPromises {
  readonly messages: readonly AcknowledgedMessage[];
  readonly answers: readonly AcknowledgedAnswer[];
  readonly schedules: readonly AcknowledgedSchedule[];
}

/** I11: waits until no schedule is due. Gives the violation if that takes longer than it may. */
export async function untilFired(database: Executor, withinMs: number): Promise<string[]> {
  const countDue = async (): Promise<number> => {
    const { rows } = await database.query<{ due: number }>(
      "select count(*)::int as due from platos.schedules where status = 'active' and wake_at <= now()",
    );
    return rows[0]?.due ?? 0;
  };
  const due = await watch(countDue, (count) => count === 0, { withinMs, everyMs: 250 });
  return due === 0 ? [] : [`I11: ${withinMs / 1000} s after the last fault ${due} schedules are due and do not fire`];
}

/** Whether it was kept, once the system is quiet: one sentence per case where it was not. */
export async function checkPromises(database: Executor, promises: StormPromises): Promise<string[]> {
  return [
    ...(await lostMessages(database, promises.messages)),
    ...(await lostAnswers(database, promises.answers)),
    ...(await lostSchedules(database, promises.schedules)),
    ...(await undecidedInstants(database)),
    ...(await overlappingRuns(database)),
    ...(await unheardWakes(database)),
  ];
}

/** The message is there, its turn has ended, and one that was completed has taken it up. */
async function lostMessages(database: Executor, messages: readonly AcknowledgedMessage[]): Promise<string[]> {
  const { rows } = await database.query<{
    id: string;
    status: string;
    asked: string | null;
    answer: string | null;
    replied: string | null;
  }>(
    `select t.id, t.status, asked.parts::text as asked, answer.parts::text as answer,
       (select w.id from platos.waitpoints w where w.resolution ->> 'messageId' = asked.id) as replied
     from platos.turns t
     left join platos.messages asked on asked.id = t.user_message_id
     left join platos.messages answer on answer.id = t.assistant_message_id
     where t.id = any($1)`,
    [messages.map(({ turnId }) => turnId)],
  );
  const turns = new Map(rows.map((row) => [row.id, row]));
  return messages.flatMap(({ messageId, turnId, text, firstPrompt, answeredWaitpointId }) => {
    const turn = turns.get(turnId);
    const name = `${messageId} ("${text}")`;
    if (turn?.asked?.includes(text) !== true) return [`I1: ${name} was acknowledged with ${turnId}, and is not there`];
    if (turn.status !== "completed" && turn.status !== "failed")
      return [`I18: the turn ${turnId} of ${name} is ${turn.status}`];
    return [
      ...(turn.status === "failed" || turn.answer?.includes(firstPrompt) === true
        ? []
        : [`I7: ${turnId} is completed and has not taken up ${name}`]),
      ...(turn.replied === answeredWaitpointId
        ? []
        : [`I10: ${name} was told to answer ${answeredWaitpointId}, and has answered ${turn.replied}`]),
    ];
  });
}

/** I10: what was taken as the answer is what the waitpoint was resolved with. */
async function lostAnswers(database: Executor, answers: readonly AcknowledgedAnswer[]): Promise<string[]> {
  const { rows } = await database.query<{ id: string; status: string; answer: string | null }>(
    `select id, status, case kind when 'reply' then resolution ->> 'text' else resolution #>> '{}' end as answer
     from platos.waitpoints where id = any($1)`,
    [answers.map(({ waitpointId }) => waitpointId)],
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return answers.flatMap(({ waitpointId, value }) => {
    const found = byId.get(waitpointId);
    if (found?.status === "completed" && found.answer === value) return [];
    return [`I10: ${value} was taken as the answer to ${waitpointId}, which is ${JSON.stringify(found ?? "gone")}`];
  });
}

/** Each is there once, and one that was cancelled does not fire after the answer. */
async function lostSchedules(database: Executor, schedules: readonly AcknowledgedSchedule[]): Promise<string[]> {
  const { rows } = await database.query<{ id: string; prompt: string; status: string; decided_at: Date | null }>(
    `select s.id, s.prompt, s.status, max(f.decided_at) as decided_at
     from platos.schedules s left join platos.schedule_fires f on f.schedule_id = s.id group by s.id`,
  );
  const byPrompt = Map.groupBy(rows, ({ prompt }) => prompt);
  return schedules.flatMap(({ scheduleId, prompt, cancelledAtMs }) => {
    const found = byPrompt.get(prompt) ?? [];
    const schedule = found.find(({ id }) => id === scheduleId);
    if (schedule === undefined) return [`I1: ${scheduleId} was acknowledged for "${prompt}", and is not there`];
    const lastAtMs = schedule.decided_at?.getTime() ?? 0;
    const isOver = schedule.status === "cancelled" && lastAtMs <= (cancelledAtMs ?? 0);
    return [
      ...(found.length === 1 ? [] : [`I4: "${prompt}" has made ${found.length} schedules`]),
      ...(cancelledAtMs === null || isOver
        ? []
        : [`I9: ${scheduleId} was cancelled, is ${schedule.status} and has fired since`]),
    ];
  });
}

/** I11: every minute of a schedule's life, as far as it is decided, has a record. All of the storm's fire each minute. */
async function undecidedInstants(database: Executor): Promise<string[]> {
  const { rows } = await database.query<{ id: string; at: Date }>(
    `select s.id, minute as at from platos.schedules s
     cross join generate_series(date_trunc('minute', s.created_at) + interval '1 minute', s.decided_through,
       interval '1 minute') as minute
     where s.cron = '* * * * *' and not exists (
       select from platos.schedule_fires f where f.schedule_id = s.id and minute between f.fire_at and f.through)`,
  );
  return rows.map(({ id, at }) => `I11: ${id} has decided over ${at.toISOString()} and tells nothing of it`);
}

/** I11: runs of a schedule that does not let them do not overlap. Nobody here starts a held one by hand. */
async function overlappingRuns(database: Executor): Promise<string[]> {
  const { rows } = await database.query<{ id: string }>(
    `select id from (
       select b.id, b.started_at, max(coalesce(b.finished_at, 'infinity')) over (
         partition by s.id order by b.started_at rows between unbounded preceding and 1 preceding) as earlier_ended_at
       from platos.platos_tasks b join platos.schedules s on b.key_scope = 'schedule:' || s.id
       where b.started_at is not null and s.overlap <> 'parallel'
     ) run where started_at < earlier_ended_at`,
  );
  return rows.map(({ id }) => `I11: ${id} began before an earlier run of its schedule had ended`);
}

/** P14: an end that wakes its agent is followed by a turn that was shown it. */
async function unheardWakes(database: Executor): Promise<string[]> {
  const { rows } = await database.query<{ bgo_id: string }>(
    `select m.bgo_id from platos.messages m
     join platos.platos_tasks b on b.id = m.bgo_id and b.on_complete = 'wake'
     join platos.threads t on t.id = m.thread_id and t.deleted_at is null
     where m.terminal and not exists (
       select from platos.turns u where u.thread_id = m.thread_id and u.opening_seq >= m.seq)`,
  );
  return rows.map(({ bgo_id: bgoId }) => `I3: ${bgoId} was to wake its agent, and no turn has been shown its end`);
}
