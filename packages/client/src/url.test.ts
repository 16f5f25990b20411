import { expect, test } from "vitest";

import { apiPath, buildUrl } from "./url.ts";

test("lists are joined by commas and absent or empty values left out", () => {
  const query = { status: ["failed", "running"], thread: undefined, q: "", limit: 20 };
  expect(buildUrl("http://host:1/", "/api/v1/x", query)).toBe("http://host:1/api/v1/x?status=failed,running&limit=20");
});

test("values and path segments are encoded", () => {
  expect(buildUrl("", "/x", { q: "a b&c,d", list: ["a,b", "c"] })).toBe("/x?q=a%20b%26c%2Cd&list=a%2Cb,c");
  expect(apiPath("threads", "../../etc?x", "messages")).toBe("/api/v1/threads/..%2F..%2Fetc%3Fx/messages");
});

test("an empty query leaves no question mark", () => {
  expect(buildUrl("", "/x", { status: [] })).toBe("/x");
});
