import type { Executor } from "../../packages/platos-tasks/src/store/database.ts";

export interface AcknowledgedMessage {
  readonly turnId: string;
  /** Stands in the prompt of whatever the turn spawns for it. */
  readonly firstPrompt: string;
}

export interface AcknowledgedAnswer {
  readonly waitpointId: string;
  readonly value: string;
}

export interface AcknowledgedSchedule {
  readonly scheduleId: string;
  readonly prompt: string;
}

/** What callers were told besides spawns and cancels. */
export interface StormPromises {
  readonly messages: readonly AcknowledgedMessage[];
  readonly answers: readonly AcknowledgedAnswer[];
  readonly schedules: readonly AcknowledgedSchedule[];
}

/** Whether it was kept, once the system is quiet: one sentence per case where it was not. */
export async function checkPromises(database: Executor, promises: StormPromises): Promise<string[]> {
  return [
    ...(await unheardMessages(database, promises.messages)),
    ...(await lostAnswers(database, promises.answers)),
    ...(await lostSchedules(database, promises.schedules)),
    ...(await undecidedInstants(database)),
  ];
}

/** A turn that was completed has taken up the message that it answers. */
async function unheardMessages(database: Executor, messages: readonly AcknowledgedMessage[]): Promise<string[]> {
  const { rows } = await database.query<{ id: string; parts: string | null }>(
    `select t.id, m.parts::text as parts from platos.turns t
     left join platos.messages m on m.id = t.assistant_message_id
     where t.id = any($1) and t.status = 'completed'`,
    [messages.map(({ turnId }) => turnId)],
  );
  const answers = new Map(rows.map(({ id, parts }) => [id, parts ?? ""]));
  return messages.flatMap(({ turnId, firstPrompt }) => {
    const answer = answers.get(turnId);
    if (answer === undefined || answer.includes(firstPrompt)) return [];
    return [`I7: ${turnId} is completed and has not taken up its message, which asked for "${firstPrompt}"`];
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

async function lostSchedules(database: Executor, schedules: readonly AcknowledgedSchedule[]): Promise<string[]> {
  const { rows } = await database.query<{ id: string; prompt: string }>("select id, prompt from platos.schedules");
  const ids = Map.groupBy(rows, ({ prompt }) => prompt);
  return schedules.flatMap(({ scheduleId, prompt }) => {
    const found = ids.get(prompt)?.map(({ id }) => id) ?? [];
    if (found.length === 1 && found[0] === scheduleId) return [];
    return [`I4: ${scheduleId} was acknowledged for "${prompt}", of which there are: ${found.join(", ")}`];
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
