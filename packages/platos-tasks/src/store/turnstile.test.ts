import { expect, test } from "vitest";
import { Turnstile } from "./turnstile.ts";

test("never more than its slots are inside, and they come in the order in which they asked", async () => {
  const turnstile = new Turnstile(2);
  const order: number[] = [];
  let inside = 0;
  let most = 0;
  const run = (number: number): Promise<void> =>
    turnstile.pass(async () => {
      order.push(number);
      inside += 1;
      most = Math.max(most, inside);
      await Promise.resolve();
      inside -= 1;
    });
  await Promise.all([0, 1, 2, 3, 4, 5].map(run));
  expect(order).toEqual([0, 1, 2, 3, 4, 5]);
  expect(most).toBe(2);
  await run(6);
  expect(order.at(-1)).toBe(6);
});

test("one that fails makes room as well", async () => {
  const turnstile = new Turnstile(1);
  const failing = turnstile.pass(async () => Promise.reject(new Error("no")));
  const next = turnstile.pass(async () => "yes");
  await expect(failing).rejects.toThrow("no");
  expect(await next).toBe("yes");
});
