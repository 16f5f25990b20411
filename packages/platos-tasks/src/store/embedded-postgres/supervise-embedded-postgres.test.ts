import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { silentLog } from "../../core/ports/log.ts";
import { attachToEmbeddedPostgres } from "./attach-to-embedded-postgres.ts";
import { readConnectionFile, type ConnectionFile } from "./connection-file.ts";
import { deleteEmbeddedPostgres } from "./delete-embedded-postgres.ts";
import { superviseEmbeddedPostgres, type EmbeddedPostgres } from "./supervise-embedded-postgres.ts";

const root = process.geteuid?.() === 0;

// Processes are killed here, machines are not: what a dead process wrote is not lost without fsync.
const settings = { fsync: "off" };

let homeDir: string;
let running: EmbeddedPostgres[];
let children: ChildProcess[];

beforeEach(async () => {
  homeDir = await mkdtemp(join(tmpdir(), "platos-embedded-"));
  await chmod(homeDir, 0o711);
  running = [];
  children = [];
});

afterEach(async () => {
  for (const child of children) await kill(child);
  for (const server of running) await server.stop();
  // One last supervisor takes down whatever a test has left running.
  if (await isThere(join(homeDir, "postgres", "data", "postmaster.pid"))) await (await supervise()).stop();
  await deleteEmbeddedPostgres({ homeDir });
  await rm(homeDir, { recursive: true, force: true });
});

async function supervise(): Promise<EmbeddedPostgres> {
  const server = await superviseEmbeddedPostgres({ homeDir, log: silentLog, baseEnv: process.env, settings });
  running.push(server);
  return server;
}

/** A supervisor in a process of its own; it says `ready` once the database is up. */
function superviseInChild(): ChildProcess {
  const module = new URL("./supervise-embedded-postgres.ts", import.meta.url).href;
  const script = `
    const { superviseEmbeddedPostgres } = await import(${JSON.stringify(module)});
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    process.send("starting");
    await superviseEmbeddedPostgres({
      homeDir: ${JSON.stringify(homeDir)}, log, baseEnv: process.env, settings: ${JSON.stringify(settings)},
    });
    process.send("ready");
    setInterval(() => {}, 1000);
  `;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  children.push(child);
  return child;
}

async function heard(child: ChildProcess, word: string): Promise<void> {
  for (;;) {
    const [said] = (await once(child, "message")) as [unknown];
    if (said === word) return;
  }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

async function query(connectionString: string, text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

async function connection(): Promise<ConnectionFile> {
  const found = await readConnectionFile(join(homeDir, "postgres"));
  if (found === undefined) throw new Error("there is no connection.json");
  return found;
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

describe("the embedded database", () => {
  test("is made at the first start, lets in who knows its password and tells others on the machine where it is", async () => {
    const server = await supervise();

    expect(server.attached).toBe(false);
    const rows = await query(
      server.connectionString,
      "select current_database() as database, current_setting('server_encoding') as encoding, current_setting('max_connections') as connections",
    );
    expect(rows).toEqual([{ database: "platos", encoding: "UTF8", connections: "200" }]);
    expect(await attachToEmbeddedPostgres({ homeDir })).toEqual({ connectionString: server.connectionString });
    expect((await stat(join(homeDir, "postgres", "connection.json"))).mode & 0o777).toBe(0o600);
    expect(await connection()).toMatchObject({ host: "127.0.0.1", supervisorPid: process.pid });
    const wrong = server.connectionString.replace(/:[^:@]+@/u, ":guessed@");
    await expect(query(wrong, "select 1")).rejects.toMatchObject({ code: "28P01" });
  });

  test("keeps its data and its address over a restart", async () => {
    const first = await supervise();
    await query(first.connectionString, "create table kept as select 42 as answer");
    await first.stop();

    expect(await readConnectionFile(join(homeDir, "postgres"))).toBeUndefined();
    await expect(attachToEmbeddedPostgres({ homeDir })).rejects.toMatchObject({ code: "store.unavailable" });
    const second = await supervise();
    expect(second.connectionString).toBe(first.connectionString);
    expect(await query(second.connectionString, "select answer from kept")).toEqual([{ answer: 42 }]);
  });

  test("moves to another port when somebody took its own while it was stopped", async () => {
    const first = await supervise();
    const { port } = await connection();
    await first.stop();
    const squatter = createServer().listen(port, "127.0.0.1");
    await once(squatter, "listening");
    try {
      const second = await supervise();
      expect((await connection()).port).not.toBe(port);
      expect(await query(second.connectionString, "select 1 as one")).toEqual([{ one: 1 }]);
    } finally {
      squatter.close();
    }
  });

  test("keeps row values out of its log", async () => {
    const server = await supervise();
    await query(server.connectionString, "create table once (word text primary key)");
    const insert = "insert into once values ('canary-in-a-row')";
    await query(server.connectionString, insert);
    await expect(query(server.connectionString, insert)).rejects.toMatchObject({ code: "23505" });

    const log = await readFile(join(homeDir, "postgres", "postgres.log"), "utf8");
    expect(log).toContain("duplicate key");
    expect(log).not.toContain("canary-in-a-row");
  });
});

describe("ownership", () => {
  test("a second supervisor is refused and told who owns it and what to do", async () => {
    await supervise();

    await expect(supervise()).rejects.toMatchObject({
      code: "store.unavailable",
      message: expect.stringMatching(new RegExp(`run by process ${process.pid}\\b.*platos worker.*PLATOS_HOME`, "u")),
    });
  });

  test("of two that start at the same moment on a new folder one wins", async () => {
    const outcomes = await Promise.allSettled([supervise(), supervise()]);

    expect(outcomes.map((outcome) => outcome.status).toSorted()).toEqual(["fulfilled", "rejected"]);
  });

  test("another process is refused while this one starts, and may follow when it is killed", async () => {
    const child = superviseInChild();
    await heard(child, "ready");

    await expect(supervise()).rejects.toThrow(`process ${child.pid}`);
    await kill(child);
    expect((await supervise()).attached).toBe(true);
  });
});

describe("after a kill", () => {
  test("a database that was killed is started again at the same address with its data", async () => {
    const server = await supervise();
    await query(server.connectionString, "create table kept as select 1 as answer");
    const { pid } = await connection();

    process.kill(pid, "SIGKILL");

    await vi.waitFor(
      async () => expect(await query(server.connectionString, "select answer from kept")).toEqual([{ answer: 1 }]),
      { timeout: 20_000, interval: 50 },
    );
    await vi.waitFor(async () => expect((await connection()).pid).not.toBe(pid), { timeout: 5000 });
  });

  test("a database that survived its supervisor is adopted with its data, watched and stopped", async () => {
    const child = superviseInChild();
    await heard(child, "ready");
    const before = await connection();
    const { connectionString } = await attachToEmbeddedPostgres({ homeDir });
    await query(connectionString, "create table kept as select 7 as answer");
    await kill(child);

    const server = await supervise();
    expect(server).toMatchObject({ attached: true, connectionString });
    expect(await connection()).toMatchObject({ pid: before.pid, supervisorPid: process.pid });
    expect(await query(connectionString, "select answer from kept")).toEqual([{ answer: 7 }]);

    process.kill(before.pid, "SIGKILL");
    await vi.waitFor(
      async () => expect(await query(connectionString, "select answer from kept")).toEqual([{ answer: 7 }]),
      { timeout: 20_000, interval: 50 },
    );
    await server.stop();
    await expect(query(connectionString, "select 1")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  test("supervisor and database both killed: it recovers what was committed", async () => {
    const child = superviseInChild();
    await heard(child, "ready");
    const { connectionString } = await attachToEmbeddedPostgres({ homeDir });
    await query(connectionString, "create table kept as select 9 as answer");
    const { pid } = await connection();
    await kill(child);
    process.kill(pid, "SIGKILL");

    const server = await supervise();
    expect(server.attached).toBe(false);
    expect(await query(server.connectionString, "select answer from kept")).toEqual([{ answer: 9 }]);
  });

  test.each([
    { who: "somebody else's", program: "sleep", args: () => ["60"] },
    { who: "of one who looks into the folder", program: "tail", args: (conf: string) => ["-f", conf] },
  ])("a note of a dead database whose process number is $who now does not stop the next", async (number) => {
    const notePath = join(homeDir, "postgres", "data", "postmaster.pid");
    const first = await supervise();
    const note = await readFile(notePath, "utf8");
    const { uid, gid } = await stat(notePath);
    await first.stop();
    // Of the same user as Postgres, which is the case in which Postgres itself would refuse.
    const args = number.args(join(homeDir, "postgres", "data", "postgresql.conf"));
    const bystander = spawn(number.program, args, { stdio: "ignore", ...(root ? { uid, gid } : {}) });
    await once(bystander, "spawn");
    children.push(bystander);
    await writeFile(notePath, note.replace(/^\d+/u, String(bystander.pid)), { mode: 0o600 });
    await chown(notePath, uid, gid);

    const second = await supervise();
    expect(second.attached).toBe(false);
    expect(await query(second.connectionString, "select 1 as one")).toEqual([{ one: 1 }]);
    expect(bystander.exitCode).toBeNull();
  });

  // From before anything is made, over initdb and the server's start, to a database in use.
  test.each([0, 90, 300, 500, 700])("a first start killed after %i ms can be followed by another", async (ms) => {
    const child = superviseInChild();
    await heard(child, "starting");
    await delay(ms);
    await kill(child);

    const server = await supervise();
    expect(await query(server.connectionString, "select current_database() as name")).toEqual([{ name: "platos" }]);
    await server.stop();
    const left = await readdir(join(homeDir, "postgres"));
    // What an initdb that outlived its parent still writes is removed by a later start.
    expect(left.filter((name) => !name.startsWith("init-")).toSorted()).toEqual([
      "data",
      "postgres.log",
      "supervisor.lock",
    ]);
  });
});

describe("run by root", () => {
  test.runIf(root)("a home that the database's user cannot reach has its data elsewhere, for good", async () => {
    await chmod(homeDir, 0o700);
    const first = await supervise();
    const [row] = await query(first.connectionString, "select current_setting('data_directory') as directory");
    expect(row?.["directory"]).toMatch(/^\/var\/lib\/platos-tasks\/[0-9a-f]{12}\/data$/u);
    await query(first.connectionString, "create table kept as select 3 as answer");
    expect((await stat(homeDir)).mode & 0o777).toBe(0o700);
    await first.stop();

    await chmod(homeDir, 0o755);
    const second = await supervise();
    expect(await query(second.connectionString, "select answer from kept")).toEqual([{ answer: 3 }]);
    await second.stop();
  });

  test.runIf(root)("data that lay elsewhere and are gone are missed, not replaced by an empty database", async () => {
    await chmod(homeDir, 0o700);
    await (await supervise()).stop();
    const note = await readFile(join(homeDir, "postgres", "data-location.json"), "utf8");
    const { storageDir } = JSON.parse(note) as { readonly storageDir: string };
    await rm(storageDir, { recursive: true });

    await expect(supervise()).rejects.toThrow(/is gone/u);
    await rm(join(homeDir, "postgres", "data-location.json"));
  });
});
