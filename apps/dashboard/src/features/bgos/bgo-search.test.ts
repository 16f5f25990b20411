import type { Bgo } from "@platos-tasks/client";
import { describe, expect, test } from "vitest";

import {
  filtersOf,
  isFiltered,
  matchesSearch,
  staysInSearch,
  toggleNeeds,
  toggleStatus,
  validateBgoSearch,
} from "./bgo-search.ts";

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
  const lookups = { agentIds: new Set(["agt_1"]), needing: new Set<string>() };
  const matches = (search: Parameters<typeof matchesSearch>[1]): boolean => matchesSearch(bgo as Bgo, search, lookups);

  test("belongs into the list when every filter holds", () => {
    expect(matches({})).toBe(true);
    expect(matches({ status: ["running"], thread: "thr_1", agent: "assistant", q: "render Q3" })).toBe(true);
  });

  test("does not when any fails", () => {
    expect(matches({ status: ["failed"] })).toBe(false);
    expect(matches({ thread: "thr_2" })).toBe(false);
    expect(matches({ q: "render q4" })).toBe(false);
    expect(matchesSearch(bgo as Bgo, { agent: "other" }, { ...lookups, agentIds: new Set() })).toBe(false);
  });
});

describe("what needs you", () => {
  const needing = new Set(["bgo_1"]);
  const bgo = (id: string, status: Bgo["status"]): Bgo => ({ id, status, threadId: "thr_1", prompt: "" }) as Bgo;

  test("is a filter of its own: a chosen status and it replace each other", () => {
    expect(validateBgoSearch({ needs: "you" })).toEqual({ needs: "you" });
    expect(validateBgoSearch({ needs: "me" })).toEqual({});
    expect(toggleNeeds({ status: ["failed"], q: "x" })).toEqual({ needs: "you", q: "x" });
    expect(toggleNeeds({ needs: "you", q: "x" })).toEqual({ q: "x" });
    expect(toggleStatus({ needs: "you" }, "failed")).toEqual({ status: ["failed"] });
  });

  test("is asked of the server by its status, which is all that it knows", () => {
    expect(filtersOf({ needs: "you", q: "x" }, 0)).toEqual({ status: ["waiting"], q: "x" });
  });

  test("is a BGO that waits, and for you", () => {
    const stays = (row: Bgo): boolean => staysInSearch(row, { needs: "you" }, { needing });
    expect(stays(bgo("bgo_1", "waiting"))).toBe(true);
    expect(stays(bgo("bgo_2", "waiting"))).toBe(false);
    // Answered, and on its way again.
    expect(stays(bgo("bgo_1", "queued"))).toBe(false);
  });
});
