import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { adviceOn } from "./disk-room.ts";

const otherwise = "Look into the log.";

test.each([
  'FATAL:  could not write to file "pg_wal/xlogtemp.12816": No space left on device',
  "ENOSPC: no space left on device, write",
  "could not extend file: Disk quota exceeded",
])("a full disk is known by its words: %s", async (said) => {
  expect(await adviceOn("/data", said, otherwise)).toMatch(/disk of \/data is full\. Make room/u);
});

test("where there is room, the advice is the caller's", async () => {
  expect(await adviceOn(tmpdir(), "it ended with exit code 1", otherwise)).toBe(otherwise);
});

test("a folder that is not there says nothing about its disk", async () => {
  expect(await adviceOn("/no/such/folder", "it is gone", otherwise)).toBe(otherwise);
});
