-- The tenant tree, and who may enter it.

create table platos.organisations (
  id text primary key,
  slug text not null unique,
  created_at timestamptz(3) not null default now()
);

create table platos.projects (
  id text primary key,
  org_id text not null references platos.organisations,
  slug text not null,
  created_at timestamptz(3) not null default now(),
  unique (org_id, slug)
);

create table platos.environments (
  id text primary key,
  org_id text not null references platos.organisations,
  project_id text not null references platos.projects,
  slug text not null,
  created_at timestamptz(3) not null default now(),
  unique (project_id, slug),
  unique (org_id, project_id, id)
);

create table platos.api_keys (
  id text primary key,
  org_id text not null,
  project_id text not null,
  env_id text not null,
  name text not null,
  -- sha-256 of the key; the key itself is shown once and never stored
  hash text not null unique,
  created_at timestamptz(3) not null default now(),
  last_used_at timestamptz(3),
  revoked_at timestamptz(3),
  foreign key (org_id, project_id, env_id) references platos.environments (org_id, project_id, id)
);

-- single-use sign-in links
create table platos.login_tokens (
  hash text primary key,
  org_id text not null,
  project_id text not null,
  env_id text not null,
  expires_at timestamptz(3) not null,
  used_at timestamptz(3),
  foreign key (org_id, project_id, env_id) references platos.environments (org_id, project_id, id)
);

create table platos.browser_sessions (
  hash text primary key,
  org_id text not null,
  project_id text not null,
  env_id text not null,
  created_at timestamptz(3) not null default now(),
  expires_at timestamptz(3) not null,
  foreign key (org_id, project_id, env_id) references platos.environments (org_id, project_id, id)
);

-- Agents. Versions are immutable: turns and BGOs pin the one they were made with.

create table platos.agents (
  id text primary key,
  org_id text not null,
  project_id text not null,
  env_id text not null,
  slug text not null,
  current_version int not null,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  unique (env_id, slug),
  unique (env_id, id),
  foreign key (org_id, project_id, env_id) references platos.environments (org_id, project_id, id)
);

create table platos.agent_versions (
  id text primary key,
  org_id text not null,
  project_id text not null,
  env_id text not null,
  agent_id text not null,
  version int not null,
  name text not null,
  model text not null,
  system_prompt text not null,
  tools text[] not null,
  meta_tools text[] not null,
  budget jsonb not null,
  created_at timestamptz(3) not null default now(),
  unique (agent_id, version),
  unique (env_id, id),
  foreign key (env_id, agent_id) references platos.agents (env_id, id)
);

-- Threads and their messages.

create table platos.threads (
  id text primary key,
  org_id text not null,
  project_id text not null,
  env_id text not null,
  agent_id text not null,
  title text,
  last_seq int not null default 0,
  -- the id that a chat client made up for its conversation
  client_chat_id text,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  -- a tombstone: messages and turns are gone, BGOs keep their result
  deleted_at timestamptz(3),
  unique (env_id, id),
  unique (env_id, client_chat_id),
  foreign key (env_id, agent_id) references platos.agents (env_id, id)
);

create index threads_newest on platos.threads (env_id, created_at desc, id desc) where deleted_at is null;

create table platos.messages (
  id text primary key,
  org_id text not null,
  project_id text not null,
  env_id text not null,
  thread_id text not null,
  seq int not null,
  role text not null check (role in ('user', 'assistant', 'tool', 'system')),
  kind text not null check (kind in ('chat', 'progress', 'question', 'bgo_completed', 'bgo_failed', 'bgo_cancelled')),
  author_agent_id text,
  bgo_id text,
  turn_id text,
  terminal boolean not null,
  parts jsonb not null,
  idempotency_key text,
  body_hash text,
  created_at timestamptz(3) not null default now(),
  unique (thread_id, seq),
  unique (thread_id, idempotency_key),
  check (terminal = (kind in ('bgo_completed', 'bgo_failed', 'bgo_cancelled'))),
  foreign key (env_id, thread_id) references platos.threads (env_id, id)
);

-- a BGO ends with one message, whatever races for it
create unique index messages_one_terminal_per_bgo on platos.messages (bgo_id) where terminal;

create table platos.turns (
  id text primary key,
  org_id text not null,
  project_id text not null,
  env_id text not null,
  thread_id text not null,
  agent_version_id text not null,
  cause text not null check (cause in ('message', 'wake')),
  user_message_id text,
  assistant_message_id text not null,
  -- the seq of the message it answers: turns of a thread run in this order
  position int not null,
  -- of the BGO that woke it, 0 for a person's message: a chain of wakes counts as nesting
  depth int not null,
  opening_seq int,
  status text not null check (status in ('queued', 'running', 'completed', 'failed')),
  segment_id uuid,
  epoch int not null default 0,
  attempt int not null default 1,
  crashes int not null default 0,
  next_step int not null default 0,
  model_calls int not null default 0,
  input_tokens bigint not null default 0,
  output_tokens bigint not null default 0,
  cost_usd double precision default 0,
  error jsonb,
  wake_at timestamptz(3),
  created_at timestamptz(3) not null default now(),
  started_at timestamptz(3),
  moved_at timestamptz(3) not null default now(),
  finished_at timestamptz(3),
  foreign key (env_id, thread_id) references platos.threads (env_id, id),
  foreign key (env_id, agent_version_id) references platos.agent_versions (env_id, id)
) with (fillfactor = 80);

create unique index turns_one_running_per_thread on platos.turns (thread_id) where status = 'running';
create index turns_open_by_thread on platos.turns (thread_id, position) where status in ('queued', 'running');
create index turns_by_thread on platos.turns (thread_id, position desc, id desc);
create index turns_open_segment on platos.turns (segment_id) where segment_id is not null;
create index turns_wake_at on platos.turns (wake_at) where wake_at is not null;

-- Background operations.

create table platos.platos_tasks (
  id text primary key,
  org_id text not null,
  project_id text not null,
  env_id text not null,
  thread_id text not null,
  agent_id text not null,
  agent_version_id text not null,
  parent_bgo_id text references platos.platos_tasks,
  -- the chat turn that spawned it
  turn_id text,
  depth int not null,
  label text,
  prompt text not null,
  tools text[] not null,
  budget jsonb not null,
  on_complete text not null,
  status text not null,
  reason text,
  segment_id uuid,
  epoch int not null default 0,
  rev int not null default 1,
  attempt int not null default 1,
  -- lost leases since the last committed step
  crashes int not null default 0,
  next_step int not null default 0,
  model_calls int not null default 0,
  input_tokens bigint not null default 0,
  output_tokens bigint not null default 0,
  -- null once a step's price was unknown
  cost_usd double precision default 0,
  progress jsonb,
  staged_result text,
  output jsonb,
  error jsonb,
  key_scope text not null,
  idempotency_key text not null,
  key_is_derived boolean not null,
  args_hash text not null,
  engine text not null,
  created_at timestamptz(3) not null default now(),
  started_at timestamptz(3),
  run_at timestamptz(3),
  wake_at timestamptz(3),
  moved_at timestamptz(3) not null default now(),
  finished_at timestamptz(3),
  unique (env_id, key_scope, idempotency_key),
  foreign key (env_id, thread_id) references platos.threads (env_id, id),
  foreign key (env_id, agent_version_id) references platos.agent_versions (env_id, id),
  -- Every BGO that has not ended has one reason to go on, an ended one has none. One check, with the commonest status
  -- first: it is made again at every step.
  check (
    case status
      when 'running' then segment_id is not null and wake_at is null and finished_at is null
      when 'queued' then (segment_id is null) <> (wake_at is null) and finished_at is null
      when 'scheduled' then segment_id is null and wake_at is not null and finished_at is null
      when 'waiting' then segment_id is null and finished_at is null
      when 'completed' then segment_id is null and wake_at is null and finished_at is not null
      when 'failed' then segment_id is null and wake_at is null and finished_at is not null
      when 'cancelled' then segment_id is null and wake_at is null and finished_at is not null
      else false
    end
  )
) with (fillfactor = 70);

create index platos_tasks_newest on platos.platos_tasks (env_id, created_at desc, id desc);
create index platos_tasks_by_status on platos.platos_tasks (env_id, status, created_at desc, id desc);
create index platos_tasks_by_thread on platos.platos_tasks (thread_id, created_at desc, id desc);
create index platos_tasks_live_by_thread on platos.platos_tasks (thread_id)
  where status in ('scheduled', 'queued', 'running', 'waiting');
create index platos_tasks_by_turn on platos.platos_tasks (turn_id) where turn_id is not null;
create index platos_tasks_by_parent on platos.platos_tasks (parent_bgo_id) where parent_bgo_id is not null;
create index platos_tasks_open_segment on platos.platos_tasks (segment_id) where segment_id is not null;
create index platos_tasks_wake_at on platos.platos_tasks (wake_at) where wake_at is not null;

-- The journal: append-only; the conversation is rebuilt from it, so nothing of it is stored twice.

create table platos.steps (
  -- a BGO or a turn
  owner_id text not null,
  step_no int not null,
  org_id text not null,
  project_id text not null,
  env_id text not null,
  -- 'model', 'tool_intent' or 'tool_result'; checks on this table would cost every step
  kind text not null,
  epoch int not null,
  -- for authored bodies, whose entries are found by name and occurrence
  name text,
  occurrence int,
  data jsonb not null,
  created_at timestamptz(3) not null default clock_timestamp(),
  primary key (owner_id, step_no)
);

-- The event log: hints to read a row again. Readers stop below the oldest running transaction, so none is skipped.

create table platos.events (
  id bigint generated always as identity,
  xid xid8 not null default pg_current_xact_id(),
  org_id text not null,
  project_id text not null,
  env_id text not null,
  type text not null,
  thread_id text not null,
  bgo_id text,
  turn_id text,
  message_id text,
  created_at timestamptz(3) not null default clock_timestamp(),
  primary key (xid, id)
);

-- how far retention has deleted: a reader whose cursor is older must start from a snapshot
create table platos.event_log_state (
  only_row boolean primary key default true check (only_row),
  pruned_through xid8
);

insert into platos.event_log_state default values;

create table platos.audit_entries (
  id text primary key,
  xid xid8 not null default pg_current_xact_id(),
  org_id text not null,
  project_id text not null,
  env_id text not null,
  at timestamptz(3) not null default clock_timestamp(),
  actor_type text not null,
  actor_id text,
  action text not null,
  target_type text not null,
  target_id text not null,
  details jsonb not null,
  -- given by the sealer, after commit: the place and the link in the environment's chain
  seq bigint,
  hash text,
  unique (env_id, seq)
);

create index audit_entries_by_target on platos.audit_entries (target_id, at, id);
create index audit_entries_unsealed on platos.audit_entries (xid) where seq is null;

-- Files.

create table platos.artifacts (
  id text primary key,
  org_id text not null,
  project_id text not null,
  env_id text not null,
  thread_id text not null,
  bgo_id text,
  key text not null,
  name text not null,
  media_type text not null,
  bytes int not null,
  sha256 text not null,
  created_at timestamptz(3) not null default now(),
  unique (env_id, key),
  foreign key (env_id, thread_id) references platos.threads (env_id, id)
);

create index artifacts_by_bgo on platos.artifacts (bgo_id) where bgo_id is not null;

create table platos.artifact_chunks (
  artifact_id text not null references platos.artifacts on delete cascade,
  no int not null,
  content bytea not null,
  primary key (artifact_id, no)
);

alter table platos.artifact_chunks alter column content set storage external;
