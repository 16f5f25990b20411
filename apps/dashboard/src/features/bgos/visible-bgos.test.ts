import type { Bgo, Status } from "@platos-tasks/client";
import { expect, test } from "vitest";

import { verifies } from "../../../../../spec/verifies.ts";
import { visibleBgos } from "./visible-bgos.ts";
import type { ListView } from "./visible-bgos.ts";

function bgo(id: string, minute: number, status: Status = "running"): Bgo {
  return { id, status, createdAt: `2026-01-01T00:0${minute}:00.000Z` } as Bgo;
}

const view: ListView = {
  listed: new Set(["b", "c"]),
  hasMore: false,
  matches: (row) => row.status === "running",
  stays: (row) => row.status === "running",
  lingering: new Set(),
  ceiling: null,
};

const rows = [bgo("a", 1), bgo("b", 2), bgo("c", 3), bgo("d", 4), bgo("e", 5, "failed")];

test("newest first, with what events brought since", () => {
  verifies("P29");
  expect(visibleBgos(rows, view).ids).toEqual(["d", "c", "b", "a"]);
});

test("while older pages are not loaded, older rows known from elsewhere stay out", () => {
  expect(visibleBgos(rows, { ...view, hasMore: true }).ids).toEqual(["d", "c", "b"]);
});

test("a row that stops matching leaves, after lingering", () => {
  const ended = rows.map((row) => (row.id === "b" ? bgo("b", 2, "completed") : row));
  expect(visibleBgos(ended, view).ids).toEqual(["d", "c", "a"]);
  expect(visibleBgos(ended, { ...view, lingering: new Set(["b"]) }).ids).toEqual(["d", "c", "b", "a"]);
});

test("below a ceiling nothing new is shown, only counted", () => {
  const { top } = visibleBgos([bgo("b", 2), bgo("c", 3)], view);
  expect(visibleBgos(rows, { ...view, ceiling: top })).toMatchObject({ ids: ["c", "b", "a"], heldBack: 1 });
});

test("equal times are ordered by id", () => {
  expect(visibleBgos([bgo("a", 1), bgo("b", 1)], view).ids).toEqual(["b", "a"]);
});
