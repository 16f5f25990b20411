import { appendFile, mkdtemp, rm, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openServerLog, readServerLog } from "./server-log.ts";

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "platos-log-"));
  path = join(folder, "postgres.log");
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function openAt(): Promise<number> {
  const { file, from } = await openServerLog(path);
  await file.close();
  return from;
}

test("goes on where the log ended and reads what came since", async () => {
  await writeFile(path, "before\n");
  const from = await openAt();
  await appendFile(path, "after\n");

  expect(await readServerLog(path, from)).toBe("after");
});

test("begins anew when the log has grown past twenty megabytes", async () => {
  await writeFile(path, "");
  await truncate(path, 20 * 1024 * 1024 + 1);

  expect(await openAt()).toBe(0);
  expect((await stat(path)).size).toBe(0);
});

test("does not follow a link", async () => {
  await writeFile(join(folder, "victim"), "");
  await symlink(join(folder, "victim"), path);

  await expect(openAt()).rejects.toMatchObject({ code: "ELOOP" });
});
