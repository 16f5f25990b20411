import { expect, test } from "vitest";

import { safeNextPath } from "./next-path.ts";

test("a path of this site is kept with its query", () => {
  expect(safeNextPath("/orgs/a/threads?status=failed,running")).toBe("/orgs/a/threads?status=failed,running");
});

test.each([undefined, "", "//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/a\nb"])(
  "%j leads home",
  (next) => {
    expect(safeNextPath(next)).toBe("/");
  },
);

test("never back to the sign-in page", () => {
  expect(safeNextPath("/sign-in?next=/x")).toBe("/");
});
