import { type Schedule, type ScheduleFire, titleOfBgo } from "@platos-tasks/client";
import { localTime } from "./bgo-text.ts";
import { formatFacts, formatTable, shortened } from "./table.ts";

const titleChars = 48;

/** The table of `platos schedule list`. */
export function scheduleTable(schedules: readonly Schedule[]): string {
  return formatTable(
    ["ID", "STATUS", "CRON", "ZONE", "NEXT", "TITLE"],
    schedules.map((schedule) => [
      schedule.id,
      schedule.status,
      schedule.cron,
      schedule.timeZone,
      schedule.nextFires[0] === undefined ? "-" : localTime(schedule.nextFires[0]),
      shortened(titleOfBgo(schedule), titleChars),
    ]),
  );
}

/** Everything `platos schedule show` tells of one. */
export function scheduleFacts(schedule: Schedule): string {
  const { status, reason, missed, maxMissed, jitterSeconds, nextFires, recentFires } = schedule;
  const facts: (readonly [string, string | null])[] = [
    ["Schedule", schedule.id],
    ["Title", titleOfBgo(schedule)],
    ["Status", reason === null ? status : `${status}: ${reason}`],
    ["Cron", `${schedule.cron} (${schedule.timeZone})`],
    ["Thread", schedule.threadId],
    ["Agent", schedule.agentId],
    ["Tools", schedule.tools === null ? "those of the agent" : schedule.tools.join(", ")],
    ["Overlap", schedule.overlap],
    ["Missed", missed === "all" ? `all, ${maxMissed} at most` : missed],
    ["Jitter", jitterSeconds === 0 ? null : `${jitterSeconds} s`],
    ...listed("Next", nextFires.map(localTime)),
    ...listed("Fired", recentFires.map(fireText)),
  ];
  return formatFacts(
    facts.flatMap(([name, value]) => (value === null || value === "" ? [] : [[name, value] as const])),
  );
}

/** One line each; the first has the name. */
function listed(name: string, lines: readonly string[]): (readonly [string, string])[] {
  return lines.map((line, index) => [index === 0 ? name : "", line] as const);
}

function fireText({ at, throughAt, outcome, bgoId, count, reason }: ScheduleFire): string {
  const times = at === throughAt ? localTime(at) : `${localTime(at)} to ${localTime(throughAt)}`;
  const many = count === 1 ? "" : ` ${count ?? "very many"}`;
  return `${times} ${outcome}${many}${bgoId === null ? "" : ` ${bgoId}`}${reason === null ? "" : `: ${reason}`}`;
}
