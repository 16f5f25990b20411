-- Waits are rows: one conditional update resolves each, whoever comes first.

create table platos.waitpoints (
  id text primary key,
  org_id text not null,
  project_id text not null,
  env_id text not null,
  kind text not null check (kind in ('token', 'reply', 'time', 'bgo', 'approval')),
  status text not null check (status in ('open', 'completed', 'failed', 'timed_out', 'cancelled')),
  -- whom it wakes; null for a token that nobody waits for yet
  owner_kind text check (owner_kind in ('bgo', 'turn')),
  owner_id text,
  -- the tool call that its resolution answers
  call_id text,
  tool text,
  thread_id text,
  question text,
  -- JSON Schema of the value it takes; as text it keeps the order in which a form shows the fields
  schema json,
  -- sha-256 of the token in its link; the token itself is derived when it is shown, and never stored
  token_hash text unique,
  -- name and header of the signature that its webhook must carry
  signature jsonb,
  target_bgo_id text references platos.platos_tasks,
  -- of an approval: what was asked for, and its hash
  args jsonb,
  args_hash text,
  due_at timestamptz(3) not null,
  resolution jsonb,
  resolved_by jsonb,
  created_at timestamptz(3) not null default now(),
  resolved_at timestamptz(3),
  unique (owner_id, call_id),
  unique (env_id, id),
  check ((owner_kind is null) = (owner_id is null)),
  check ((status = 'open') = (resolved_at is null)),
  foreign key (org_id, project_id, env_id) references platos.environments (org_id, project_id, id),
  foreign key (env_id, thread_id) references platos.threads (env_id, id)
) with (fillfactor = 90);

create index waitpoints_due on platos.waitpoints (due_at) where status = 'open';
create index waitpoints_newest on platos.waitpoints (env_id, created_at desc, id desc);
create index waitpoints_open_newest on platos.waitpoints (env_id, created_at desc, id desc) where status = 'open';
create index waitpoints_open_by_thread on platos.waitpoints (thread_id, created_at, id) where status = 'open';
create index waitpoints_open_by_target on platos.waitpoints (target_bgo_id)
  where status = 'open' and target_bgo_id is not null;

alter table platos.platos_tasks
  -- time that was spent waiting, which no budget of time pays for
  add column waited_seconds double precision not null default 0;

alter table platos.turns
  drop constraint turns_status_check,
  add check (status in ('queued', 'running', 'waiting', 'completed', 'failed')),
  add column waited_seconds double precision not null default 0;

alter table platos.messages
  -- the wait that a question asks for, or that a reply answered
  add column waitpoint_id text;

alter table platos.events
  add column waitpoint_id text;

-- a turn that waits for an approval keeps its place: those behind it wait as well
drop index platos.turns_open_by_thread;
create index turns_open_by_thread on platos.turns (thread_id, position) where status in ('queued', 'running', 'waiting');

alter table platos.agent_versions
  -- tools that run only once a person has approved the call
  add column ask_tools text[] not null default '{}';
