-- Schedules: BGOs that start again and again, at wall-clock times.

create table platos.schedules (
  id text primary key,
  org_id text not null,
  project_id text not null,
  env_id text not null,
  thread_id text not null,
  agent_id text not null,
  depth int not null,
  label text,
  prompt text not null,
  -- null: whatever the agent has when it fires
  tools text[],
  budget jsonb not null,
  on_complete text not null,
  cron text not null,
  time_zone text not null,
  overlap text not null check (overlap in ('skip', 'queue', 'parallel')),
  missed text not null check (missed in ('skip', 'one', 'all')),
  max_missed int not null,
  jitter_seconds int not null,
  -- its own place within the jitter
  delay_ms int not null,
  status text not null,
  reason text,
  -- every instant up to here is decided
  decided_through timestamptz(3) not null,
  next_fire_at timestamptz(3),
  wake_at timestamptz(3),
  created_by_type text not null,
  created_by_id text,
  key_scope text not null,
  idempotency_key text not null,
  args_hash text not null,
  rev int not null default 1,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  unique (env_id, id),
  unique (env_id, key_scope, idempotency_key),
  foreign key (env_id, thread_id) references platos.threads (env_id, id),
  foreign key (env_id, agent_id) references platos.agents (env_id, id),
  -- an active one knows when it fires next, any other has nothing that would wake it
  check (
    case status
      when 'active' then next_fire_at > decided_through
        and wake_at = next_fire_at + delay_ms * interval '1 millisecond'
      when 'paused' then next_fire_at is null and wake_at is null
      when 'cancelled' then next_fire_at is null and wake_at is null
      else false
    end
  )
);

create index schedules_newest on platos.schedules (env_id, created_at desc, id desc);
create index schedules_by_thread on platos.schedules (thread_id) where status in ('active', 'paused');
create index schedules_wake_at on platos.schedules (wake_at) where wake_at is not null;

-- What became of each due instant; a row of missed ones is one record.
create table platos.schedule_fires (
  schedule_id text not null,
  fire_at timestamptz(3) not null,
  org_id text not null,
  project_id text not null,
  env_id text not null,
  through timestamptz(3) not null,
  outcome text not null,
  bgo_id text,
  -- null: more than were counted
  instants int,
  reason text,
  decided_at timestamptz(3) not null default now(),
  primary key (schedule_id, fire_at),
  foreign key (env_id, schedule_id) references platos.schedules (env_id, id),
  check (outcome in ('spawned', 'skipped', 'missed', 'refused')),
  check ((outcome = 'spawned') = (bgo_id is not null)),
  check (fire_at <= through and (outcome = 'missed' or fire_at = through and instants = 1))
);

create unique index schedule_fires_one_per_bgo on platos.schedule_fires (bgo_id) where bgo_id is not null;

-- BGOs of schedules are told by their key; a held one waits for `infinity`, which is for another one's end.
create index platos_tasks_live_by_schedule on platos.platos_tasks (env_id, key_scope, run_at)
  where key_scope like 'schedule:%' and status in ('scheduled', 'queued', 'running', 'waiting');
