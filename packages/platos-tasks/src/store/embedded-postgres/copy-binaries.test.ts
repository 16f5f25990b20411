import { mkdir, mkdtemp, readdir, readlink, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLog } from "../../core/ports/log.ts";
import { copyBinaries } from "./copy-binaries.ts";

let workDir: string;
let from: string;

beforeEach(async () => {
  workDir = await mkdtemp(join(tmpdir(), "platos-copy-"));
  from = join(workDir, "package", "native");
  await mkdir(join(from, "bin"), { recursive: true });
  await mkdir(join(from, "lib"));
  await writeFile(join(from, "bin", "postgres"), "program", { mode: 0o700 });
  await writeFile(join(from, "lib", "libpq.so.5.18"), "library", { mode: 0o600 });
  await writeFile(join(from, "lib", "libpq.a"), "archive");
  const links = [{ source: "native/lib/libpq.so.5.18", target: "native/lib/libpq.so.5" }];
  await writeFile(join(from, "pg-symlinks.json"), JSON.stringify(links));
});

afterEach(() => rm(workDir, { recursive: true, force: true }));

function copy(): Promise<string> {
  return copyBinaries({ from, intoDir: join(workDir, "copies"), version: "18.4.0", log: silentLog });
}

test("the copy can be run by everybody, has its library links and nothing that running does not need", async () => {
  const copied = await copy();

  expect((await stat(join(copied, "bin", "postgres"))).mode & 0o777).toBe(0o755);
  expect((await stat(join(copied, "lib", "libpq.so.5.18"))).mode & 0o777).toBe(0o644);
  expect(await readlink(join(copied, "lib", "libpq.so.5"))).toBe("libpq.so.5.18");
  expect(await readdir(join(copied, "lib"))).not.toContain("libpq.a");
});

test("two that copy at once end with one whole copy", async () => {
  const copies = await Promise.all([copy(), copy()]);

  expect(new Set(copies).size).toBe(1);
  expect(await readdir(join(workDir, "copies"))).toEqual(["programs-18.4.0"]);
});

test("an existing copy of the version is used as it is", async () => {
  const copied = await copy();
  await writeFile(join(copied, "bin", "postgres"), "the copy");
  await copy();

  expect((await stat(join(copied, "bin", "postgres"))).size).toBe("the copy".length);
});
