import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, inject, test } from "vitest";
import { readConnectionFile } from "../store/embedded-postgres/connection-file.ts";
import { deleteEmbeddedPostgres } from "../store/embedded-postgres/delete-embedded-postgres.ts";
import { postgresDirOf } from "../store/embedded-postgres/storage-location.ts";
import { startTcpProxy } from "../testing/tcp-proxy.ts";
import { createTestDatabase, type TestDatabase } from "../testing/test-database.ts";
import { eventually } from "../testing/test-runtime.ts";

const main = fileURLToPath(new URL("main.ts", import.meta.url));
const startMs = 60_000;

let home: string;
let database: TestDatabase;
const running = new Set<ChildProcess>();

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "platos-cli-test-"));
  // When root runs the tests, the user it lends to Postgres must get through.
  await chmod(home, 0o711);
  database = await createTestDatabase(inject("postgresUrl"));
});

afterEach(async () => {
  for (const child of running) child.kill("SIGTERM");
  await Promise.all([...running].map((child) => once(child, "exit")));
});

afterAll(async () => {
  await deleteEmbeddedPostgres({ homeDir: home });
  await rm(home, { recursive: true, force: true });
  await database.drop();
});

interface Platos {
  readonly child: ChildProcess;
  /** Everything on standard output, once it holds `text`; fails when the process ends before. */
  until(text: string): Promise<string>;
  /** The same of standard error. */
  untilComplains(text: string): Promise<string>;
  /** Its end: exit code and everything it said. */
  readonly ended: Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>;
}

/** The real command in a process of its own, without anything of this environment but the path. */
function platos(args: readonly string[], env: Readonly<Record<string, string>> = {}): Platos {
  const child = spawn(process.execPath, ["--conditions=platos-source", main, ...args], {
    env: { PATH: process.env["PATH"] ?? "", PLATOS_HOME: home, PORT: "0", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (piece: string) => (out += piece));
  child.stderr.setEncoding("utf8").on("data", (piece: string) => (err += piece));
  const ended = once(child, "close").then(([code]) => {
    running.delete(child);
    return { code: code as number | null, out, err };
  });
  const heard = async (stream: Readable, said: () => string, text: string): Promise<string> => {
    while (!said().includes(text)) {
      const over = await Promise.race([ended, once(stream, "data").then(() => null)]);
      if (over !== null) throw new Error(`platos ${args.join(" ")} ended before it said "${text}": ${over.err}`);
    }
    return said();
  };
  return {
    child,
    until: (text) => heard(child.stdout, () => out, text),
    untilComplains: (text) => heard(child.stderr, () => err, text),
    ended,
  };
}

function urlIn(out: string): string {
  return /^Platos Tasks ready at (http:\/\/127\.0\.0\.1:\d+)$/mu.exec(out)?.[1] ?? "";
}

async function statusOf(url: string, key: string): Promise<number> {
  return (await fetch(`${url}/api/v1/platos-tasks`, { headers: { authorization: `Bearer ${key}` } })).status;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test(
  "dev needs nothing but a folder, tells where it is and with which key, and leaves nothing behind",
  async () => {
    const dev = platos(["dev"]);
    const out = await dev.until("demo model");
    expect(out.match(/ready at/gu)).toHaveLength(1);
    const url = urlIn(out);
    const key = /^API key: (\S+) \(shown once\)$/mu.exec(out)?.[1] ?? "";
    expect(await statusOf(url, key)).toBe(200);
    const link = /^Open (\S+)/mu.exec(out)?.[1] ?? "";
    expect(link.startsWith(`${url}/login?token=`)).toBe(true);
    expect((await fetch(link, { redirect: "manual" })).status).toBe(303);

    const second = await platos(["dev"]).ended;
    expect(second).toMatchObject({ code: 1, out: "" });
    expect(second.err).toContain(`already run by process ${dev.child.pid}`);

    const worker = platos(["worker"]);
    await worker.until("Platos Tasks worker ready\n");
    worker.child.kill("SIGTERM");
    expect(await worker.ended).toMatchObject({ code: 0, out: "Platos Tasks worker ready\n", err: "" });

    const postgres = await readConnectionFile(postgresDirOf(home));
    dev.child.kill("SIGINT");
    expect(await dev.ended).toMatchObject({ code: 0, err: "" });
    expect(await readConnectionFile(postgresDirOf(home))).toBeUndefined();
    expect(isRunning(postgres?.pid ?? 0)).toBe(false);

    const worthless = await platos(["worker"]).ended;
    expect(worthless).toMatchObject({ code: 1, err: expect.stringContaining("No database is running under") });

    const again = platos(["dev"]);
    const outAgain = await again.until("demo model");
    expect(outAgain).not.toContain("API key:");
    expect(await statusOf(urlIn(outAgain), key)).toBe(200);
    again.child.kill("SIGTERM");
    expect((await again.ended).code).toBe(0);
  },
  2 * startMs,
);

test(
  "a server with a database and a key of our own prints neither; another one on its port is refused",
  async () => {
    const key = "a-key-of-my-own-choice";
    const env = { DATABASE_URL: database.connectionString, PLATOS_API_KEY: key };
    const server = platos(["server"], env);
    const out = await server.until("demo model");
    expect(out).not.toContain(key);
    const url = urlIn(out);
    expect(await statusOf(url, key)).toBe(200);
    expect(await statusOf(url, "some-other-key")).toBe(401);
    const { port } = new URL(url);
    const second = await platos(["server"], { ...env, PORT: port }).ended;
    expect(second).toMatchObject({ code: 1, out: "" });
    expect(second.err).toContain(`Port ${port} is taken`);
    server.child.kill("SIGHUP");
    expect((await server.ended).code).toBe(0);
  },
  startMs,
);

test.each(["server", "worker"])(
  "a %s that starts while its database is away says so and waits for it",
  async (role) => {
    const proxy = await startTcpProxy(database.connectionString);
    proxy.cut();
    const waiting = platos([role], { DATABASE_URL: proxy.url, PLATOS_API_KEY: "a-key-of-my-own-choice" });
    const { host } = new URL(proxy.url);
    const complaint = await waiting.untilComplains("Waiting for it, up to 60 seconds.\n");
    expect(complaint).toContain(`The database of DATABASE_URL (${host}/`);
    proxy.mend();
    await waiting.until("ready");
    waiting.child.kill("SIGTERM");
    expect(await waiting.ended).toMatchObject({ code: 0, err: complaint });
    await proxy.close();
  },
  startMs,
);

test(
  "a database that lets nobody in with this password is not waited for",
  async () => {
    const wrong = new URL(database.connectionString);
    wrong.password = "sesame";
    const worker = await platos(["worker"], { DATABASE_URL: wrong.href }).ended;
    expect(worker).toMatchObject({ code: 1, err: expect.stringContaining("password authentication failed") });
    expect(worker.err).not.toMatch(/Waiting|sesame/u);
  },
  startMs,
);

test(
  "an address that other machines reach is warned of",
  async () => {
    const env = { DATABASE_URL: database.connectionString, HOST: "0.0.0.0", PLATOS_PUBLIC_URL: "http://127.0.0.1:1" };
    const server = platos(["server"], env);
    await server.until("demo model");
    server.child.kill("SIGTERM");
    expect(await server.ended).toMatchObject({ code: 0, err: expect.stringMatching(/^Warning: HOST=0\.0\.0\.0 /u) });
  },
  startMs,
);

test(
  "a stop that comes while things are being started is not lost",
  async () => {
    const server = platos(["dev"]);
    const folder = postgresDirOf(home);
    // The database is the first thing to be started.
    await eventually("the database to be started", async () => (await readConnectionFile(folder)) !== undefined);
    server.child.kill("SIGINT");
    expect(await server.ended).toMatchObject({ code: 0, err: "" });
    expect(await readConnectionFile(folder)).toBeUndefined();
  },
  startMs,
);
