/**
 * Every behaviour the product promises, one sentence each. A plain id (`P5`) is the heart of the promise; a letter
 * (`P5.a`) marks a part that is tested, or missing, on its own. S rows are security promises, R rows robustness.
 *
 * `built`: works, and at least one test cites it with `verifies("P5")`.
 * `gap`: promised and not there yet; listed by `coverage.test.ts` as an expected failure until it is.
 */
export type Requirement = Built | Gap;

interface Built {
  readonly id: string;
  readonly sentence: string;
  readonly status: "built";
}

interface Gap {
  readonly id: string;
  readonly sentence: string;
  readonly status: "gap";
  /** What is missing, for whoever wonders when it will come. */
  readonly reason: string;
}

function built(id: string, sentence: string): Built {
  return { id, sentence, status: "built" };
}

function gap(id: string, sentence: string, reason: string): Gap {
  return { id, sentence, status: "gap", reason };
}

const noBatches = "batches are not built yet";
const noClusters = "clusters are not built yet";
const noSandbox = "the sandbox for authored code is not built yet";

export const requirements: readonly Requirement[] = [
  // Spawn
  built("P1", "A spawn answers at once with a unique id, after the row and its first wake-up are committed."),
  built("P2", "A spawn call that is executed again, with a key or without, never makes a second BGO."),
  built("P3", "Spawns with the same idempotency key in the same scope give the same BGO."),
  built("P3.a", "The same idempotency key with other arguments is refused with a typed conflict."),
  built("P4", "When the database or the engine cannot take a spawn, the caller is told so and no BGO is claimed."),
  built("P5", "Caps on children per turn, live BGOs per thread and depth are enforced in the spawn transaction."),
  built("P5.c", "A BGO's children live in its thread, under the same caps; once it has ended it can have no more."),
  gap("P5.a", "The rate of spawns per thread is capped in the spawn transaction.", "there is no rate window yet"),
  built("P6", "spawn_task does what spawn_bgo does and adds a deprecation notice."),

  // Run
  built("P7", "A sub-agent works turn by turn with a tool set that is never wider than its parent's."),
  built("P8", "After a killed process, a deploy or a database restart a BGO goes on from its last recorded step."),
  built("P8.a", "A model call whose response was recorded is not made, or paid, again."),
  built("P9", "Failures that can pass are retried with growing pauses."),
  built("P9.a", "A failure that cannot be retried ends the BGO with a message that says what went wrong."),
  built("P9.b", "A BGO that takes its worker down every time ends as failed instead of starting for ever."),
  built("P10", "A BGO's own budget of turns, tokens, money and wall time is checked before each model call."),
  built("P10.a", "A BGO stopped by its budget delivers the partial result it has."),
  gap(
    "P10.b",
    "A budget is pooled over a BGO and its descendants.",
    "each BGO is held to its own budget only, by a check and not by a reservation",
  ),
  built("P11", "A BGO that waits for minutes or days holds no process and no timer."),
  built("P11.a", "A BGO can wait for BGOs that it has spawned, and is told what became of each."),

  // Result
  built("P12", "A BGO leaves exactly one terminal message in its thread, by its agent, committed with its status."),
  built("P13", "A result appears in an open chat without a reload."),
  built("P13.a", "A client that was away catches up on events without a gap or a repeat."),
  built("P14", "With onComplete wake the parent agent gets a turn over the result."),
  built("P14.a", "Results that arrive together wake the parent agent once, and none is consumed twice."),
  built("P15", "Files that a BGO makes come as artifacts on its message."),

  // Stop
  built("P16", "Cancel is one step and answers with what really happened."),
  built("P16.a", "A BGO never leaves both a cancelled and a final message, whoever wins the race."),
  built("P17", "Cancel aborts running model calls and tools, and no step starts afterwards."),
  gap(
    "P5.b",
    "Live descendants and output bytes are capped.",
    "depth, children and live BGOs per thread are, these two are not",
  ),
  built("P17.a", "What a BGO has spawned is cancelled with it, also when it fails, and runs on when it completes."),
  built("P18", "Every spawn, cancel and outcome is in the audit log with its actor."),

  // Time and waits
  built("P19", "A spawn with runAt starts at that time and not before."),
  built("P19.a", "The schedule_bgo tool schedules a BGO, and a past time runs at once and says so."),
  built("P19.b", "A scheduled BGO can be run now and rescheduled."),
  built("P19.c", "Ten thousand BGOs scheduled for one second start in time, each once and none early."),
  built("P20", "A cron schedule starts one BGO per instant, however many workers look, and none before its time."),
  built("P20.a", "A fire that comes due while an earlier one is live is skipped, queued or run in parallel."),
  built("P20.b", "A schedule keeps to the wall clock of its IANA zone, through gaps and overlaps of the clocks."),
  built("P20.c", "Missed fires are left out, made up for by one, or by each up to a bound; all are on record."),
  built("P20.d", "A schedule can be listed, paused, resumed and cancelled, and shows its next five fires."),
  built("P20.e", "An invalid time zone or cron expression is refused with the field and the accepted form."),
  built("P20.f", "An agent can be given create_schedule, list_schedules and cancel_schedule, which are off otherwise."),
  built("P20.g", "Jitter starts the fires of a schedule up to so much later, never earlier."),
  built("P21", "A wait token can be created, completed, failed and left to expire."),
  built("P21.a", "A token is completed by API, by a public link (POST only) and by webhook."),
  built("P21.b", "A late answer to a wait is told what happened instead."),
  gap(
    "P21.c",
    "A sub-agent can hand the link of a wait to its own tools, to send it to somebody.",
    "the link is shown to people and to the API, and kept from prompts and journals",
  ),
  gap(
    "P21.d",
    "A wait for a webhook under a secret that is not configured is refused.",
    "a token made by API is, wait_for_token takes any name",
  ),
  built("P22", "A BGO can wait for the customer's next message in its thread."),
  built("P22.a", "A BGO can wait for an inbound e-mail or webhook."),
  built("P23", "A tool can need an approval that is bound to its exact arguments."),
  built("P23.a", "An approval can be answered from chat, dashboard and API."),

  // Batch
  gap("P24", "A batch runs one turn per item under a cap of concurrent items.", noBatches),
  gap("P24.a", "A batch shows its progress in one message that updates in place.", noBatches),
  gap(
    "P24.b",
    "A batch survives a crash without repeating finished items, and can retry the failed ones alone.",
    noBatches,
  ),
  gap("P24.c", "A batch delivers its results as one file in the order of its items.", noBatches),

  // Clusters
  gap("P25", "Agents of a cluster share threads, and targetAgent hands a BGO to a member.", noClusters),
  gap("P25.a", "A BGO cannot be handed to an agent of another cluster.", noClusters),

  // Authoring
  gap(
    "P26",
    "A BGO body can be written in TypeScript in the dashboard, test-run and saved as immutable versions.",
    noSandbox,
  ),
  gap("P26.a", "An agent can dispatch an authored BGO by its name.", noSandbox),
  gap("P27", "Authored code reaches only what it was given and is killed at its limits.", noSandbox),
  gap("P28", "The code_runner tool runs code written by the model in the same sandbox.", noSandbox),

  // See
  built("P29", "The dashboard lists BGOs with live statuses and shows a thread with live BGO cards."),
  gap(
    "P29.a",
    "The dashboard filters the list and shows one BGO's timeline, attempts, waits and cost.",
    "the list filters by status, need, text and time, the page of a BGO shows its facts with what it cost, steps, waits and audit; timeline and attempts are not built",
  ),
  built("P30", "What is built can be done over the HTTP API."),
  built("P30.a", "What is built can be done with the command line."),
  gap(
    "P30.b",
    "API and command line replay BGOs, and manage batches and definitions.",
    "the operations behind them are not built yet",
  ),
  gap("P30.c", "message_bgo and its route send a word to a running BGO.", "there is no inbox of a BGO yet"),
  gap("P30.d", "GET …/attempts tells a BGO's attempts.", "attempts are in the audit only"),
  built("P30.f", "API and command line list what BGOs wait for, and answer it."),
  gap("P30.e", "A spawn can name the machine size it needs.", "the embedded engine has one size"),
  built("P31", "Logs are structured, one JSON object per line."),
  gap(
    "P31.a",
    "OpenTelemetry traces and metrics tell what runs and how long it takes.",
    "neither traces nor metrics are exported yet",
  ),

  // Doors
  built("P32", "A chat turn can be read as an AI SDK UI message stream."),
  gap("P33", "An MCP server offers the meta-tools and its Tasks.", "there is no MCP door yet"),
  gap("P34", "An OpenAI-compatible responses endpoint takes background requests.", "there is no such endpoint yet"),
  gap("P35", "Outgoing webhooks are signed.", "there are no outgoing webhooks yet"),
  built("P36", "A typed client without dependencies speaks the HTTP API and reads its events."),

  // Tenancy
  built("P37", "Organisation, project and environment are on every row, and a key opens its own environment only."),

  // Security
  built("S01", "An id of another tenant is answered with 404, on every route that takes an id."),
  gap(
    "S01.a",
    "Row-level security backs the scope of every query.",
    "there is one database role; switching it on is undecided",
  ),
  built("S03", "API keys are stored as hashes only, and a malformed or revoked key opens nothing."),
  built("S03.a", "Keys can be listed and revoked, and a revoked one opens nothing any more."),
  gap("S03.b", "A key can be given a role.", "every key may do everything in its environment"),
  built("S04", "Requests with a foreign Host or Origin are refused."),
  gap(
    "S04.a",
    "A sign-in link opens a session only after a click.",
    "GET uses it up, so a link from a stranger signs in to their session",
  ),
  gap(
    "S05",
    "Model output of every known attack form runs no script.",
    "it is rendered without HTML, images and inline code; the corpus of attacks is not run",
  ),
  built("S06", "Tools reach public addresses only, checked when connecting and again at every redirect."),
  gap(
    "S07",
    "Known secrets are redacted on every sink.",
    "provider messages are, other sinks rely on never being given secrets",
  ),
  gap(
    "S08",
    "What untrusted content may lead to is limited by taint and per-agent egress.",
    "results are quoted as data; nothing else is limited",
  ),
  built("S08.a", "Meta-tools reach only the agent's own threads, and read_artifact only the conversation's own files."),
  built("S10", "Wait tokens are unguessable, single-use and never completed by GET."),
  gap("S11", "Authored code runs behind walls.", noSandbox),
  gap("S12", "Workers run with the prototype accessor removed.", "bodies are checked by strict schemas only"),
  gap(
    "S15",
    "Requests are limited per key and address, and tenants share workers fairly.",
    "links of waits are limited per address and link, streams and sizes are capped; queues are first come, first served",
  ),
  gap(
    "S16",
    "The audit log cannot be altered unnoticed.",
    "it is a hash chain; append-only rights and an exported head are missing",
  ),
  gap("S17", "The supply chain is checked in continuous integration.", "pins are exact; there is no audit step"),
  built("S19", "A stream that is open when its key is revoked is closed within half a minute."),

  // Robustness
  built("R1", "Bad input is answered with problem+json that names each field that was refused."),
  built("R2", "An Idempotency-Key that comes again with another request is answered with 409."),
  built("R3", "While the database is away, requests are answered with 503, and the server recovers with it."),
  built("R4", "Text with NUL bytes from users, models and tools is stored and shown safely."),
  built("R5", "A missing provider key is reported by the name of the variable to set."),
  gap(
    "R7",
    "A message whose commit is not known can be looked up without a key.",
    "spawns look themselves up; other writes need an idempotency key",
  ),
  gap(
    "R8",
    "A database restored into the same cluster makes clients start over.",
    "a dump restored elsewhere does; within one cluster nothing tells them apart",
  ),
  built("R9", "A file that comes after its BGO has ended is refused."),
  gap(
    "R10",
    "Deleting a thread deletes its artifacts and tells open chats.",
    "artifacts stay, and no event is written",
  ),
  built("R6", "Mistakes in the configuration are all listed at once when the process starts."),
];
