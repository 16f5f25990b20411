import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lastWords } from "./launch-postmaster.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "platos-launch-"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

test("the last words of a server tell why it ended, not what our own questions were answered", () => {
  const log = [
    "LOG:  redo done at 0/1CF1F88",
    'FATAL:  could not write to file "pg_wal/xlogtemp.1": No space left on device',
    "FATAL:  the database system is not yet accepting connections",
    "FATAL:  the database system is starting up",
    "LOG:  startup process (PID 1) exited with exit code 1",
    "LOG:  terminating any other active server processes",
    "LOG:  shutting down due to startup process failure",
    "LOG:  database system is shut down",
  ];
  expect(lastWords(log.join("\n"))).toBe([log[1], ...log.slice(4)].join("\n"));
});

// Only in a process of its own can be seen that nothing else keeps it waiting.
test("a server that must be given up is waited for until it has ended", async () => {
  const postgres = join(folder, "postgres");
  await writeFile(postgres, "#!/bin/sh\ntrap 'sleep 0.2; exit 1' INT\nwhile true; do sleep 0.05; done\n");
  await chmod(postgres, 0o755);
  const dataDir = join(folder, "data");
  await mkdir(dataDir);
  const module = new URL("./launch-postmaster.ts", import.meta.url).href;
  const script = `
    const { launchPostmaster } = await import(${JSON.stringify(module)});
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const cluster = {
      location: ${JSON.stringify({ homeDir: folder, postgresDir: folder, storageDir: folder, dataDir })},
      binaries: { postgres: ${JSON.stringify(postgres)} },
      credentials: { user: "platos", password: "secret", database: "platos", port: 1 },
      settings: {}, env: { PATH: process.env.PATH }, log,
    };
    const { outcome, reason } = await launchPostmaster(cluster, 1, AbortSignal.abort());
    console.log(outcome + ": " + reason);
  `;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.on("data", (piece: Buffer) => (said += piece.toString()));
  const [code] = (await once(child, "close")) as [number | null];

  expect({ code, said }).toEqual({ code: 0, said: "failed: stopped while starting\n" });
});
