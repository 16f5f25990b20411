import { expect, test } from "vitest";
import { asStoreError } from "./database-errors.ts";

function sqlError(code: string): Error {
  return Object.assign(new Error("could not extend file"), { code });
}

test("a full disk is told as one, and may be tried again once there is room", () => {
  expect(asStoreError(sqlError("53100"))).toMatchObject({
    code: "store.unavailable",
    message: expect.stringContaining("Make room"),
    retryable: true,
  });
});

test("a database that is away is told as that, and what is a bug stays one", () => {
  expect(asStoreError(sqlError("57P03"))).toMatchObject({ message: expect.stringContaining("cannot be reached") });
  const bug = sqlError("42601");
  expect(asStoreError(bug)).toBe(bug);
});
