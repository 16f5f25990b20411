import { expect, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import { RateLimit } from "./rate-limit.ts";

test("a key has a burst, then so many a minute, and is told when to come back", () => {
  verifies("S10");
  const limit = new RateLimit({ perMinute: 6, maxKeys: 10 });
  const taken = Array.from({ length: 6 }, () => limit.take("a", 0));
  expect(taken).toEqual([0, 0, 0, 0, 0, 0]);
  expect(limit.take("a", 0)).toBe(10_000);
  expect(limit.take("a", 4_000)).toBe(6_000);
  expect(limit.take("b", 4_000)).toBe(0);
  expect(limit.take("a", 10_000)).toBe(0);
  expect(limit.take("a", 10_000)).toBe(10_000);
});

test("one that is given back does not count, and no key saves up more than its burst", () => {
  const limit = new RateLimit({ perMinute: 1, maxKeys: 10 });
  expect(limit.take("a", 0)).toBe(0);
  limit.giveBack("a", 0);
  expect(limit.take("a", 600_000)).toBe(0);
  expect(limit.take("a", 600_000)).toBe(60_000);
});

test("of too many keys the ones that were used longest ago are forgotten", () => {
  const limit = new RateLimit({ perMinute: 1, maxKeys: 2 });
  for (const key of ["a", "b", "a", "c"]) limit.take(key, 0);
  expect(limit.take("a", 0)).toBeGreaterThan(0);
  expect(limit.take("b", 0)).toBe(0);
});

test("a clock that is set back takes nothing away", () => {
  const limit = new RateLimit({ perMinute: 1, maxKeys: 2 });
  limit.take("a", 60_000);
  expect(limit.take("a", 0)).toBe(60_000);
});
