import type { Bgo } from "@platos-tasks/client";
import { describe, expect, test } from "vitest";

import { filtersOf, isFiltered, matchesSearch, toggleStatus, validateBgoSearch } from "./bgo-search.ts";

describe("the list's address", () => {
  test("known words are kept in the fixed order, others dropped", () => {
    expect(validateBgoSearch({ status: "running,nonsense,failed,running" })).toEqual({ status: ["running", "failed"] });
    expect(validateBgoSearch({ status: ["failed"] })).toEqual({ status: ["failed"] });
    expect(validateBgoSearch({ status: "", since: "forever", q: " ", page: "2" })).toEqual({});
  });

  test("ids stay the text they are", () => {
    expect(validateBgoSearch({ thread: "662E41", agent: "1" })).toEqual({ thread: "662E41", agent: "1" });
  });

  test("a status is added and taken out; the last one leaves no trace", () => {
    const one = toggleStatus({ q: "x" }, "failed");
    expect(toggleStatus(one, "queued")).toEqual({ q: "x", status: ["queued", "failed"] });
    expect(toggleStatus(one, "failed")).toEqual({ q: "x" });
  });

  test("a span becomes the instant it began", () => {
    expect(filtersOf({ since: "24h", q: "x" }, Date.UTC(2026, 0, 2))).toEqual({
      q: "x",
      since: "2026-01-01T00:00:00.000Z",
    });
  });

  test("an empty search is no filter", () => {
    expect(isFiltered({})).toBe(false);
    expect(isFiltered({ since: "1h" })).toBe(true);
  });
});

describe("a row from an event", () => {
  const bgo = {
    id: "bgo_1",
    status: "running",
    threadId: "thr_1",
    agentId: "agt_1",
    label: "Render",
    prompt: "the Q3 slides",
  };
  const matches = (search: Parameters<typeof matchesSearch>[1]): boolean =>
    matchesSearch(bgo as Bgo, search, new Set(["agt_1"]));

  test("belongs into the list when every filter holds", () => {
    expect(matches({})).toBe(true);
    expect(matches({ status: ["running"], thread: "thr_1", agent: "assistant", q: "render Q3" })).toBe(true);
  });

  test("does not when any fails", () => {
    expect(matches({ status: ["failed"] })).toBe(false);
    expect(matches({ thread: "thr_2" })).toBe(false);
    expect(matches({ q: "render q4" })).toBe(false);
    expect(matchesSearch(bgo as Bgo, { agent: "other" }, new Set())).toBe(false);
  });
});
