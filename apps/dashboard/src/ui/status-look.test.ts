import { statuses } from "@platos-tasks/client";
import { expect, test } from "vitest";

import { statusLooks } from "./status-look.ts";

test("every status has its own word, its own icon and its own colour", () => {
  const looks = statuses.map((status) => statusLooks[status]);
  for (const part of ["word", "icon", "chip", "text", "edge"] as const) {
    expect(new Set(looks.map((look) => look[part])).size).toBe(statuses.length);
  }
});

test("colours are named for the status they belong to", () => {
  for (const status of statuses) {
    const { chip, text, edge } = statusLooks[status];
    expect([chip, text, edge]).toEqual([`bg-${status}-soft text-${status}`, `text-${status}`, `border-l-${status}`]);
  }
});
