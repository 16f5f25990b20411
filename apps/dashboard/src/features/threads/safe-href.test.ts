import { expect, test } from "vitest";

import { safeFileHref, safeWebHref } from "./safe-href.ts";

test("absolute http and https links are kept", () => {
  expect(safeWebHref("https://example.com/a?b#c")).toBe("https://example.com/a?b#c");
  expect(safeWebHref("HTTP://example.com")).toBe("HTTP://example.com");
});

test.each([
  undefined,
  "",
  "javascript:alert(1)",
  "JaVaScRiPt:alert(1)",
  " https://example.com",
  "\u0001javascript:alert(1)",
  "data:text/html,x",
  "vbscript:x",
  "blob:https://example.com/1",
  "file:///etc/passwd",
  "//example.com",
  "/api/v1/session",
  "https://",
  "https://exa mple.com",
])("%j is no link", (href) => {
  expect(safeWebHref(href)).toBeNull();
});

test("a file may be an artifact of ours, and no other path of ours", () => {
  expect(safeFileHref("/api/v1/artifacts/art_01")).toBe("/api/v1/artifacts/art_01");
  expect(safeFileHref("/api/v1/artifacts/../session")).toBeNull();
  expect(safeFileHref("javascript:alert(1)")).toBeNull();
});
