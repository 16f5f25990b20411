import type { CancelScheduleReceipt, Page, PlatosClient, Schedule } from "@platos-tasks/client";
import { type Command, type CommandContext, exitCodes } from "../command.ts";
import {
  onlyPositional,
  type ParsedOptions,
  parseOptions,
  positiveNumber,
  refusePositionals,
} from "../parse-options.ts";
import type { Said } from "../said.ts";
import { scheduleFacts, scheduleTable } from "../schedule-text.ts";
import { connectionHelp, connectionOptions, withServer } from "../server-connection.ts";
import { UsageError } from "../usage-error.ts";
import { createOptions, createSchedule } from "./schedule/create-schedule.ts";
import { moveScheduledBgo, receiptText } from "./schedule/move-scheduled-bgo.ts";

const options = {
  ...connectionOptions,
  ...createOptions,
  "run-at": { type: "string" },
  reason: { type: "string" },
  all: { type: "boolean" },
  limit: { type: "string" },
  cursor: { type: "string" },
  json: { type: "boolean" },
} as const;

type Values = ParsedOptions<typeof options>["values"];

interface Call {
  readonly client: PlatosClient;
  readonly values: Values;
  readonly words: readonly string[];
}

interface Action {
  /** Its options, beside `--json` and those of the connection. */
  readonly takes: readonly (keyof typeof options)[];
  run(call: Call): Promise<Said>;
}

const scheduleId = ({ words }: Call): string => onlyPositional(words, "<scheduleId>");

const actions: Readonly<Record<string, Action>> = {
  create: {
    takes: Object.keys(createOptions) as (keyof typeof createOptions)[],
    run: async ({ client, ...given }) => saidOf(await createSchedule(client, given)),
  },
  list: {
    takes: ["all", "agent", "thread", "limit", "cursor"],
    run: async ({ client, values, words }) => {
      refusePositionals(words);
      const page = await client.schedules.list({
        status: values.all === true ? undefined : ["active", "paused"],
        agent: values.agent,
        thread: values.thread,
        limit: positiveNumber("limit", values.limit) ?? 20,
        cursor: values.cursor,
      });
      return { json: page, text: pageText(page) };
    },
  },
  show: { takes: [], run: async (call) => saidOf(await call.client.schedules.get(scheduleId(call))) },
  pause: { takes: [], run: async (call) => saidOf(await call.client.schedules.pause(scheduleId(call))) },
  resume: { takes: [], run: async (call) => saidOf(await call.client.schedules.resume(scheduleId(call))) },
  cancel: {
    takes: ["reason"],
    run: async (call) => {
      const { reason } = call.values;
      const receipt = await call.client.schedules.cancel(scheduleId(call), reason === undefined ? {} : { reason });
      return { json: receipt, text: cancelText(receipt) };
    },
  },
  "run-now": {
    takes: [],
    run: async ({ client, words }) => {
      const receipt = await moveScheduledBgo(client, { bgoId: onlyPositional(words, "<bgoId>"), runAt: undefined });
      return { json: receipt, text: receiptText(receipt) };
    },
  },
  reschedule: {
    takes: ["run-at"],
    run: async ({ client, values, words }) => {
      const bgoId = onlyPositional(words, "<bgoId>");
      const runAt = values["run-at"];
      if (runAt === undefined) throw new UsageError("Missing option: --run-at <time>");
      const receipt = await moveScheduledBgo(client, { bgoId, runAt });
      return { json: receipt, text: receiptText(receipt) };
    },
  },
};

export const scheduleCommand: Command = {
  name: "schedule",
  summary: "Start BGOs again and again; move one that is scheduled once",
  help: `Usage: platos schedule create --cron "30 9 * * 1-5" --zone Europe/Berlin --prompt <text> [options]
       platos schedule list [--all] [--agent <slug>] [--thread <id>] [--limit <n>] [--cursor <text>]
       platos schedule show | pause | resume | cancel [--reason <text>] <scheduleId>
       platos schedule run-now <bgoId>
       platos schedule reschedule <bgoId> --run-at <time>

A schedule starts a BGO at each time of its cron expression. A BGO that is to run once is scheduled
with platos spawn --run-at <time>, moved with run-now or reschedule, and cancelled with platos cancel.

  --cron <text>             five fields: minute, hour, day of month, month, day of week
  --zone <name>             the IANA time zone in which they are meant (UTC)
  --prompt <text>           what each BGO is to do; may also be given without --prompt
  --agent <slug>            in a new thread of this agent (assistant)
  --thread <id>             in this thread
  --label <text>            what lists call it
  --tools <names>           only these of the agent's tools, separated by commas; "" for none
  --overlap <word>          while an earlier BGO goes on: skip (the default), queue or parallel
  --missed <word>           times that no worker saw: skip, one (the default) or all
  --max-missed <n>          with all: this many at most (100)
  --jitter <seconds>        every BGO starts up to this much later, always by the same amount
  --on-complete <word>      message (only its message) or wake (also a turn of the agent)
  --idempotency-key <text>  the same key makes the same schedule, once
  --all                     list cancelled ones, too
  --run-at <time>           when to start, ISO 8601 with an offset or Z; one in the past starts it
  --json                    as the API gives it
${connectionHelp}`,
  async run(args, context) {
    const { values, positionals } = parseOptions(args, options);
    const [name, ...words] = positionals;
    const action = name === undefined ? undefined : new Map(Object.entries(actions)).get(name);
    if (name === undefined || action === undefined) {
      throw new UsageError(`${name === undefined ? "Missing" : "Unknown"} word: ${Object.keys(actions).join(", ")}`);
    }
    refuseOthers(name, action, values);
    return say(context, values, (client) => action.run({ client, values, words }));
  },
};

function refuseOthers(name: string, action: Action, values: Values): void {
  const known = new Set<string>(["json", ...Object.keys(connectionOptions), ...action.takes]);
  const other = Object.keys(values).find((option) => !known.has(option));
  if (other !== undefined) throw new UsageError(`--${other} does not go with ${name}`);
}

async function say(
  context: CommandContext,
  values: Values,
  act: (client: PlatosClient) => Promise<Said>,
): Promise<number> {
  const said = await withServer(values, context, act);
  context.terminal.print(values.json === true ? JSON.stringify(said.json, null, 2) : said.text);
  return exitCodes.ok;
}

function saidOf(schedule: Schedule): Said {
  return { json: schedule, text: scheduleFacts(schedule) };
}

function pageText({ items, nextCursor }: Page<Schedule>): string {
  const table = items.length === 0 ? "No schedules." : scheduleTable(items);
  return nextCursor === null ? table : `${table}\nThere are more: --cursor ${nextCursor}`;
}

function cancelText({ outcome, schedule }: CancelScheduleReceipt): string {
  return `${schedule.id} ${outcome === "cancelled" ? "is cancelled: it fires no more; what is at work goes on" : "was cancelled before"}.`;
}
