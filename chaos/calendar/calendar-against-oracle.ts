import { cronerCalendar } from "../../packages/platos-tasks/src/calendar/croner-calendar.ts";
import { checkCalendar } from "../../packages/platos-tasks/src/testing/calendar-cases.ts";
import type { Exercise } from "../exercise.ts";

const defaultCases = 50_000;
const atOnce = 1000;

/** The instants of schedules against an independent oracle, over zones, cron expressions and changes of the clocks. */
export const calendarAgainstOracle: Exercise = {
  summary: "instants of cron rules against an independent oracle (--trials: cases)",
  async run({ seed, trials = defaultCases, progress }) {
    let cases = 0;
    try {
      for (; cases < trials; cases += atOnce) {
        checkCalendar(cronerCalendar, { cases: Math.min(atOnce, trials - cases), seed: seed + cases });
        progress(`${cases + atOnce} of ${trials} cases`);
      }
    } catch (error) {
      return { alarms: [String(error)], figures: { cases } };
    }
    return { alarms: [], figures: { cases: trials } };
  },
};
