import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readLinkSecret } from "./link-tokens.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "platos-links-"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

test("processes that start at once share one secret, and nothing else is left behind", async () => {
  const secrets = await Promise.all(Array.from({ length: 5 }, () => readLinkSecret(folder)));

  expect(new Set(secrets).size).toBe(1);
  expect(secrets[0]).toHaveLength(43);
  expect(await readdir(folder)).toEqual(["link-secret"]);
});

test("a secret that cannot be made is told with what to do", async () => {
  const noFolder = join(folder, "file");
  await writeFile(noFolder, "");

  await expect(readLinkSecret(join(noFolder, "home"))).rejects.toMatchObject({
    message: expect.stringMatching(/ENOTDIR.*PLATOS_LINK_SECRET/u),
  });
});
