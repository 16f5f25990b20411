import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import type { OutageScene } from "./outage-scene.ts";
import type { StubbornClients } from "./stubborn-clients.ts";

export interface Troubled {
  readonly scene: OutageScene;
  readonly clients: StubbornClients;
}

/** Goes on for a while and ends; when it resolves, nothing is wrong any more. */
export type Trouble = (on: Troubled, forMs: number) => Promise<void>;

/** More than enough: each leaves the product only what it was sooner at. */
const crowdTries = 100;
const atOnce = 8;
const refillMs = 100;
const longestFullMs = 10_000;

/** Postgres is stopped, and started again later. */
export const stopped: Trouble = async ({ scene: { postgres } }, forMs) => {
  await postgres.crash("immediate");
  await delay(forMs);
  await postgres.start();
};

/** Others hold every connection that there is, and ours are ended. */
export const crowded: Trouble = async ({ scene: { postgres } }, forMs) => {
  const { connectionString } = postgres;
  const admin = await connected(connectionString);
  const others: pg.Client[] = [];
  try {
    for (let tries = 0; tries < crowdTries; tries += 1) {
      others.push(...(await takeAllConnections(connectionString)));
      const { rowCount } = await admin.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'platos-tasks%'",
      );
      if (rowCount === 0) break;
    }
    await delay(forMs);
  } finally {
    await Promise.all([admin, ...others].map((client) => client.end().catch(() => undefined)));
  }
};

/** Until there is none left; several at a time, or the product would always be sooner. */
async function takeAllConnections(connectionString: string): Promise<pg.Client[]> {
  const taken: pg.Client[] = [];
  for (;;) {
    const attempts = Array.from({ length: atOnce }, () => connected(connectionString).catch(() => null));
    const got = (await Promise.all(attempts)).filter((client) => client !== null);
    taken.push(...got);
    if (got.length === 0) return taken;
  }
}

/** It takes no writes, as one that stands by does after a failover. */
export const readOnly: Trouble = async ({ scene: { postgres } }, forMs) => {
  const admin = await connected(postgres.connectionString);
  try {
    await admin.query("set session characteristics as transaction read write");
    await admin.query("alter system set default_transaction_read_only = on");
    await admin.query("select pg_reload_conf()");
    await delay(forMs);
    await admin.query("alter system reset default_transaction_read_only");
    await admin.query("select pg_reload_conf()");
  } finally {
    await admin.end();
  }
};

/** Its disk is full: statements fail, or the database falls over its log. */
export const fullDisk: Trouble = async ({ scene: { postgres, disk }, clients }, forMs) => {
  if (disk === null) return;
  clients.areLarge = true;
  const before = clients.refusals;
  const beganMs = performance.now();
  // There may be room left within the files that there are.
  const isEnough = (ms: number): boolean => ms > longestFullMs || (ms > forMs && clients.refusals > before);
  while (!isEnough(performance.now() - beganMs)) {
    await disk.fill();
    await delay(refillMs);
  }
  clients.areLarge = false;
  await disk.relieve();
  await postgres.start();
};

/** The server's link falls silent: nobody says that the database is gone. */
export const silentServer: Trouble = async ({ scene: { server } }, forMs) => {
  server.proxy.set({ kind: "hold" });
  await delay(forMs);
  server.proxy.set({ kind: "pass" });
};

async function connected(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  // One that Postgres ends says so here as well.
  client.on("error", () => undefined);
  await client.connect();
  return client;
}
