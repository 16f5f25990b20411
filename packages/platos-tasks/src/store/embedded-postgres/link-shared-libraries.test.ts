import { mkdir, mkdtemp, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { linkSharedLibraries } from "./link-shared-libraries.ts";

let packageDir: string;

beforeEach(async () => {
  packageDir = await mkdtemp(join(tmpdir(), "platos-links-"));
  await mkdir(join(packageDir, "native", "lib"), { recursive: true });
  await writeFile(
    join(packageDir, "native", "pg-symlinks.json"),
    JSON.stringify([
      { source: "native/lib/libpq.so.5.18", target: "native/lib/libpq.so.5" },
      { source: "native/lib/libz.so.1.2", target: "native/lib/libz.so.1" },
    ]),
  );
});

afterEach(() => rm(packageDir, { recursive: true, force: true }));

test("makes the links that a blocked install script has left out and keeps those it made", async () => {
  const lib = join(packageDir, "native", "lib");
  await symlink("somewhere-else", join(lib, "libz.so.1"));

  expect(await linkSharedLibraries(join(packageDir, "native"))).toBe(true);
  expect(await readlink(join(lib, "libpq.so.5"))).toBe("libpq.so.5.18");
  expect(await readlink(join(lib, "libz.so.1"))).toBe("somewhere-else");
});

test("says when a link is missing and cannot be made", async () => {
  await rm(join(packageDir, "native", "lib"), { recursive: true });

  expect(await linkSharedLibraries(join(packageDir, "native"))).toBe(false);
});

test("has nothing to do where the package lists no links", async () => {
  await rm(join(packageDir, "native", "pg-symlinks.json"));

  expect(await linkSharedLibraries(join(packageDir, "native"))).toBe(true);
});
