import { expect, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import { checkCalendar } from "../testing/calendar-cases.ts";
import { cronerCalendar } from "./croner-calendar.ts";

const now = new Date("2026-11-26T00:00:00Z");

function next(cron: string, timeZone: string, after: string, count: number): readonly string[] {
  return cronerCalendar.next({ cron, timeZone }, new Date(after), count).map((at) => at.toISOString().slice(0, 16));
}

function latest(cron: string, timeZone: string, until: string): string | undefined {
  return cronerCalendar.latest({ cron, timeZone }, new Date(until), 1)[0]?.toISOString();
}

function issues(cron: string, timeZone: string): readonly string[] {
  return cronerCalendar.issuesOf({ cron, timeZone }, now).map(({ path, message }) => `${path}: ${message}`);
}

test("every instant is the one that an independent oracle finds, in every zone and at every change of its clocks", () => {
  verifies("P20.b");
  checkCalendar(cronerCalendar, { cases: 2000 });
});

test("a clock time that the clocks leave out comes at the first valid instant after the gap, once", () => {
  verifies("P20.b");
  // 02:00 to 03:00 of the 29th is left out in Berlin.
  const after = "2026-03-28T12:00Z";
  expect(next("30 2 * * *", "Europe/Berlin", after, 2)).toEqual(["2026-03-29T01:00", "2026-03-30T00:30"]);
  expect(next("0,30 2 * * *", "Europe/Berlin", after, 2)).toEqual(["2026-03-29T01:00", "2026-03-30T00:00"]);
  // Half an hour on Lord Howe Island, at midnight in São Paulo, and a whole day in Apia, which had no 30th.
  expect(next("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00Z", 1)).toEqual(["2026-10-03T15:30"]);
  expect(next("0 0 * * *", "America/Sao_Paulo", "2018-11-03T12:00Z", 1)).toEqual(["2018-11-04T03:00"]);
  expect(next("0 9 30 12 *", "Pacific/Apia", "2011-12-01T00:00Z", 1)).toEqual(["2012-12-29T19:00"]);
});

test("a clock time that occurs twice comes the first time only", () => {
  verifies("P20.b");
  const days = ["2026-10-25T00:30", "2026-10-26T01:30"];
  expect(next("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00Z", 2)).toEqual(days);
  expect(next("30 2 * * *", "Europe/Berlin", "2026-10-25T00:30Z", 1)).toEqual(days.slice(1));
});

test("a rhythm goes on through a change of the clocks", () => {
  verifies("P20.b");
  const halves = ["T00:00", "T00:30", "T01:00", "T01:30", "T02:00"];
  const on = (day: string): readonly string[] => halves.map((time) => day + time);
  expect(next("*/30 * * * *", "Europe/Berlin", "2026-03-28T23:30Z", 5)).toEqual(on("2026-03-29"));
  expect(next("*/30 * * * *", "Europe/Berlin", "2026-10-24T23:30Z", 5)).toEqual(on("2026-10-25"));
});

test("the 29th of February comes in leap years", () => {
  const leap = ["2028-02-29T12:00", "2032-02-29T12:00"];
  expect(next("0 12 29 2 *", "UTC", "2026-11-26T00:00Z", 2)).toEqual(leap);
  // 2100 is none.
  expect(next("0 12 29 2 *", "UTC", "2096-03-01T00:00Z", 1)).toEqual(["2104-02-29T12:00"]);
});

test("the latest instant is at or before the one that is asked for", () => {
  expect(latest("0 * * * *", "UTC", "2026-11-26T12:00:00.000Z")).toBe("2026-11-26T12:00:00.000Z");
  expect(latest("0 * * * *", "UTC", "2026-11-26T11:59:59.999Z")).toBe("2026-11-26T11:00:00.000Z");
});

test("a time zone is an IANA name, and the field is named when it is not", () => {
  verifies("P20.e");
  for (const timeZone of ["Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires", "europe/berlin"]) {
    expect(issues("0 9 * * *", timeZone)).toEqual([]);
  }
  for (const timeZone of ["", "Mars/Base", "+02:00", "UTC+2", "Europe/Berlin; drop", "02", "\0"]) {
    expect(issues("0 9 * * *", timeZone)).toEqual([expect.stringMatching(/^timeZone: .*such as Europe\/Berlin/u)]);
  }
});

test("a rule has five fields that every cron reads alike, and the field is named when it has not", () => {
  verifies("P20.e");
  for (const cron of ["* * * * *", " 0  9 * * MON-fri ", "*/5 0-6/2 1,15 JAN,jul 7", "59 23 31 12 0"]) {
    expect(issues(cron, "UTC")).toEqual([]);
  }
  const refused = ["", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8"];
  const others = ["@daily", "0 0 L * *", "0 0 15W * *", "0 0 * * 5#2", "? * * * *", "5/15 * * * *", "9-5 * * * *"];
  const wilder = [
    "*/0 * * * *",
    "*/99 * * * *",
    "1.5 * * * *",
    "-1 * * * *",
    "a b c d e",
    "0 9 * * MO",
    "\0".repeat(9),
  ];
  for (const cron of [...refused, ...others, ...wilder]) {
    expect(issues(cron, "UTC"), cron).toEqual([expect.stringMatching(/^cron: .*five fields/u)]);
  }
  for (const cron of ["0 0 31 2 *", "0 0 30 2 *", "0 0 31 4,6,9,11 *"]) {
    expect(issues(cron, "UTC"), cron).toEqual([expect.stringMatching(/^cron: no such day/u)]);
  }
  expect(issues("nonsense", "Nowhere").map((issue) => issue.split(":", 1)[0])).toEqual(["timeZone", "cron"]);
});
