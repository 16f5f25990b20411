import { expect, test } from "vitest";
import { startsServerOf } from "./postmaster-pid-file.ts";

const dataDir = "/home/ada/.platos/postgres/data";

test.each([
  `/opt/bin/postgres\0-D\0${dataDir}\0-p\x0020000\0`,
  `/opt/bin/postgres\0-p\x0020000\0-D\0${dataDir}`,
  `/opt/bin/postgres -D ${dataDir} -p 20000`,
  `postgres -D${dataDir}/`,
])("a server of the folder is known by its arguments: %j", (commandLine) => {
  expect(startsServerOf(dataDir, commandLine)).toBe(true);
});

test.each([
  `tail\0-f\0${dataDir}/postgresql.conf\0`,
  `cp\0-a\0${dataDir}\0/backup\0`,
  `postgres\0-D\0${dataDir}-of-monday\0`,
  `postgres\0-D\0/mnt${dataDir}\0`,
  "sleep\x0060\0",
])("who only names the folder, or another one, is no server of it: %j", (commandLine) => {
  expect(startsServerOf(dataDir, commandLine)).toBe(false);
});
