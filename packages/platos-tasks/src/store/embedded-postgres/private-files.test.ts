import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writePrivateFile } from "./private-files.ts";

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "platos-private-"));
  path = join(folder, "connection.json");
});

afterEach(() => rm(folder, { recursive: true, force: true }));

test("a file is its owner's alone, and what a killed writer left does not stay beside it", async () => {
  await writeFile(`${path}.new`, "half of", { mode: 0o644 });
  await writePrivateFile(path, "all of it");

  expect(await readFile(path, "utf8")).toBe("all of it");
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(["connection.json"]);
});

test("nothing is written through a link that somebody has laid", async () => {
  const elsewhere = join(folder, "elsewhere");
  await writeFile(elsewhere, "untouched");
  await symlink(elsewhere, `${path}.new`);
  await writePrivateFile(path, "all of it");

  expect(await readFile(elsewhere, "utf8")).toBe("untouched");
  expect(await readFile(path, "utf8")).toBe("all of it");
});
