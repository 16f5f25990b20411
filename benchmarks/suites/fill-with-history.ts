import pg from "pg";
import type { Json } from "../../packages/platos-tasks/src/core/json.ts";
import type { Scope } from "../../packages/platos-tasks/src/core/scope.ts";
import { auditHash } from "../../packages/platos-tasks/src/store/housekeeping.ts";

const bgosPerThread = 100;
const bgosPerTurn = 5;
const turnsPerThread = bgosPerThread / bgosPerTurn;
/** Of each thread, at its end: they have not ended, so they have no message yet. */
const scheduledPerThread = 2;
const messagesPerTurn = 2 + bgosPerTurn;

const bgo = "'bgo_' || lpad(n::text, 22, '0')";
const thread = `'thr_' || lpad((n / ${bgosPerThread})::text, 22, '0')`;
const turn = `'trn_' || lpad((n / ${bgosPerTurn})::text, 22, '0')`;
const isScheduled = `n % ${bgosPerThread} >= ${bgosPerThread - scheduledPerThread}`;
const at = "$7::timestamptz + n * interval '1 second'";
const scope = "$1, $2, $3";
const scopeColumns = "org_id, project_id, env_id";
const bgoNumbers = "generate_series(0, $4::int - 1) n";
const turnNumbers = `generate_series(0, $4::int - 1, ${bgosPerTurn}) n`;
const turnSeq = `(n % ${bgosPerThread}) / ${bgosPerTurn} * ${messagesPerTurn}`;
const xid = "(1000000 + n * 10 + step)::text::xid8";

function callOf(tool: string, id: string): string {
  return `jsonb_build_object('type', 'tool_call', 'callId', ${id}, 'tool', '${tool}', 'args', jsonb_build_object('n', n))`;
}

function responseOf(parts: string): string {
  return `jsonb_build_object('parts', ${parts}, 'usage', '{"inputTokens": 100, "outputTokens": 20, "costUsd": 0}'::jsonb,
    'model', 'fill', 'durationMs', 12, 'finishReason', 'stop')`;
}

const said = "jsonb_build_array(jsonb_build_object('type', 'text', 'text', md5(n::text)))";
const spawnCalls = `(select jsonb_agg(${callOf("spawn_bgo", "'c' || i")} order by i) from generate_series(1, ${bgosPerTurn}) i)`;
const spawnParts = `(select jsonb_agg(jsonb_build_object('type', 'dynamic-tool', 'toolName', 'spawn_bgo', 'toolCallId', 'c' || i,
  'input', jsonb_build_object('n', n), 'state', 'output-available', 'output', 'ok') order by i)
  from generate_series(1, ${bgosPerTurn}) i)`;
const stepStart = `'[{"type": "step-start"}]'::jsonb`;

/** Everything that a run leaves behind, in the order in which the foreign keys want it. $4: BGOs. */
const texts = [
  `insert into platos.threads (id, ${scopeColumns}, agent_id, last_seq)
   select ${thread}, ${scope}, $5, ${turnsPerThread * messagesPerTurn - scheduledPerThread}
   from generate_series(0, $4::int - 1, ${bgosPerThread}) n`,
  `insert into platos.turns (id, ${scopeColumns}, thread_id, agent_version_id, cause, user_message_id,
     assistant_message_id, position, depth, opening_seq, status, epoch, next_step, model_calls, input_tokens,
     output_tokens, created_at, started_at, finished_at)
   select ${turn}, ${scope}, ${thread}, $6, 'message', 'msg_u' || n, 'msg_a' || n, ${turnSeq} + 1, 0, ${turnSeq} + 1,
     'completed', 1, ${bgosPerTurn + 2}, 2, 200, 40, ${at}, ${at}, ${at}
   from ${turnNumbers}`,
  `insert into platos.platos_tasks (id, ${scopeColumns}, thread_id, agent_id, agent_version_id, turn_id, depth, label,
     prompt, tools, budget, on_complete, status, epoch, next_step, model_calls, input_tokens, output_tokens, output,
     wake_at, run_at, key_scope, idempotency_key, key_is_derived, args_hash, engine, created_at, started_at, finished_at)
   select ${bgo}, ${scope}, ${thread}, $5, $6, ${turn}, 1, 'Report ' || n, 'Write report ' || md5(n::text),
     array['fetch_url'], '{"maxTurns": 20, "maxTokens": 10000}', 'message',
     case when later then 'scheduled' else 'completed' end, case when later then 0 else 1 end,
     case when later then 0 else 4 end, case when later then 0 else 2 end, case when later then 0 else 200 end,
     case when later then 0 else 40 end, case when not later then to_jsonb(md5(n::text)) end,
     case when later then now() + interval '1 year' end, case when later then now() + interval '1 year' end,
     'call', 'fill' || n, true, md5(n::text), 'embedded', ${at}, case when not later then ${at} end,
     case when not later then ${at} + interval '1 minute' end
   from (select n, ${isScheduled} as later from ${bgoNumbers}) row`,
  `insert into platos.messages (id, ${scopeColumns}, thread_id, seq, role, kind, author_agent_id, bgo_id, terminal,
     parts, created_at)
   select 'msg_' || n, ${scope}, ${thread}, ${turnSeq} + 3 + n % ${bgosPerTurn}, 'assistant', 'bgo_completed', $5, ${bgo},
     true, ${said}, ${at} + interval '1 minute'
   from ${bgoNumbers} where not ${isScheduled}`,
  `insert into platos.messages (id, ${scopeColumns}, thread_id, seq, role, kind, author_agent_id, turn_id, terminal,
     parts, created_at)
   select id, ${scope}, ${thread}, ${turnSeq} + place, role, 'chat', $5, ${turn}, false, parts, ${at}
   from ${turnNumbers} cross join lateral (values ('msg_u' || n, 1, 'user', ${said}),
     ('msg_a' || n, 2, 'assistant', ${stepStart} || ${spawnParts} || ${stepStart} || ${said}))
     message (id, place, role, parts)`,
  `insert into platos.steps (owner_id, step_no, ${scopeColumns}, kind, epoch, data, created_at)
   select ${bgo}, step, ${scope}, kind, 1, data, ${at} + step * interval '10 seconds'
   from ${bgoNumbers} cross join lateral (values
     (0, 'model', ${responseOf(`jsonb_build_array(${callOf("fetch_url", "'c1'")})`)}),
     (1, 'tool_intent', '{"callId": "c1", "tool": "fetch_url"}'),
     (2, 'tool_result', jsonb_build_object('callId', 'c1', 'tool', 'fetch_url', 'output', repeat(md5(n::text), 20))),
     (3, 'model', ${responseOf(said)})) entry (step, kind, data)
   where not ${isScheduled}`,
  `insert into platos.steps (owner_id, step_no, ${scopeColumns}, kind, epoch, data, created_at)
   select ${turn}, step, ${scope}, case when step % ${bgosPerTurn + 1} = 0 then 'model' else 'tool_result' end, 1,
     case step when 0 then ${responseOf(spawnCalls)} when ${bgosPerTurn + 1} then ${responseOf(said)}
       else jsonb_build_object('callId', 'c' || step, 'tool', 'spawn_bgo', 'output', 'ok') end, ${at}
   from ${turnNumbers}, generate_series(0, ${bgosPerTurn + 1}) step`,
  `insert into platos.events (xid, ${scopeColumns}, type, thread_id, bgo_id, message_id)
   select ${xid}, ${scope}, type, ${thread}, ${bgo}, case when type = 'message.created' then 'msg_' || n end
   from ${bgoNumbers} cross join lateral (values (0, 'bgo.created'), (1, 'bgo.updated'), (2, 'bgo.updated'),
     (3, 'bgo.updated'), (4, 'bgo.updated'), (4, 'message.created')) event (step, type)
   where step = 0 or not ${isScheduled}`,
  `insert into platos.events (xid, ${scopeColumns}, type, thread_id, turn_id, message_id)
   select ${xid}, ${scope}, type, ${thread}, ${turn}, message
   from ${turnNumbers} cross join lateral (values (5, 'message.created', 'msg_u' || n), (6, 'turn.started', null),
     (7, 'message.created', 'msg_a' || n), (8, 'message.updated', 'msg_a' || n), (9, 'turn.finished', null))
     event (step, type, message)`,
] as const;

/**
 * Writes BGOs with all that their lives left behind: spawning turns, threads, messages, journals, events and a sealed
 * audit. Nearly all have completed. Several times faster than running them. A multiple of a hundred BGOs.
 */
export async function fillWithHistory(
  client: pg.Client,
  of: { readonly scope: Scope; readonly agentId: string; readonly agentVersionId: string; readonly bgos: number },
): Promise<void> {
  const { orgId, projectId, envId } = of.scope;
  const beganMs = Date.now() - 3 * 86_400_000;
  // Not every text uses every value, and Postgres cannot tell the type of one that is not used.
  const values = [
    orgId,
    projectId,
    envId,
    String(of.bgos),
    of.agentId,
    of.agentVersionId,
    new Date(beganMs).toISOString(),
  ];
  for (const text of texts) {
    await client.query(text.replaceAll(/\$(\d)/gu, (_, place) => pg.escapeLiteral(values[Number(place) - 1] ?? "")));
  }
  await writeAudit(client, of.scope, { bgos: of.bgos, beganMs });
  await client.query("vacuum analyze");
}

const auditText = `
  insert into platos.audit_entries (id, xid, ${scopeColumns}, at, actor_type, action, target_type, target_id, details,
    seq, hash)
  select id, (1000000 + place)::text::xid8, ${scope}, at, 'worker', action, 'bgo', target_id, details, seq, hash
  from unnest($4::text[], $5::int[], $6::timestamptz[], $7::text[], $8::text[], $9::jsonb[], $10::bigint[], $11::text[])
    row (id, place, at, action, target_id, details, seq, hash)`;

const rowsPerInsert = 20_000;

async function writeAudit(
  client: pg.Client,
  { orgId, projectId, envId }: Scope,
  { bgos, beganMs }: { readonly bgos: number; readonly beganMs: number },
): Promise<void> {
  let seq = 0;
  let hash = "genesis";
  let rows: unknown[][] = [];
  const flush = async (): Promise<void> => {
    const columns = Array.from({ length: 8 }, (_, column) => rows.map((row) => row[column]));
    await client.query(auditText, [orgId, projectId, envId, ...columns]);
    rows = [];
  };
  for (let n = 0; n < bgos; n += 1) {
    const targetId = `bgo_${String(n).padStart(22, "0")}`;
    for (const [action, step, details] of movesOf(n)) {
      seq += 1;
      const entry = {
        id: `aud_${String(seq).padStart(22, "0")}`,
        env_id: envId,
        at: new Date(beganMs + n * 1000 + step * 12_000 - 12_000),
        actor_type: "worker",
        actor_id: null,
        action,
        target_type: "bgo",
        target_id: targetId,
        details,
        seq,
      };
      hash = auditHash(hash, entry);
      rows.push([entry.id, n * 10 + step, entry.at, action, targetId, JSON.stringify(details), seq, hash]);
    }
    if (rows.length >= rowsPerInsert) await flush();
  }
  await flush();
}

function movesOf(n: number): readonly (readonly [action: string, step: number, details: Json])[] {
  const claimed = { epoch: 1, attempt: 1, crashes: 0 };
  const isLater = n % bgosPerThread >= bgosPerThread - scheduledPerThread;
  const spawned = ["bgo.spawned", 0, { status: isLater ? "scheduled" : "queued", threadId: "thr" }] as const;
  return isLater
    ? [spawned]
    : [spawned, ["bgo.running", 1, { ...claimed, reason: "thinking" }], ["bgo.completed", 4, claimed]];
}
