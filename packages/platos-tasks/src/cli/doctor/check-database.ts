import type { Database, Executor } from "../../store/database.ts";
import { atRest as atRestInvariant } from "../../store/invariants/at-rest.ts";
import { auditChain } from "../../store/invariants/audit-chain.ts";
import { findViolations, type Invariant } from "../../store/invariants/invariant.ts";
import { invariants } from "../../store/invariants/invariants.ts";
import { readMigrations } from "../../store/migrate.ts";
import { minimumPostgres, postgresVersion } from "../postgres-version.ts";
import { check, type CheckResult } from "./check.ts";
import { countOpenWork, openWorkText } from "./open-work.ts";

export interface DatabaseChecks {
  /** Also that nothing is running or due: for a system that has come to rest. */
  readonly atRest: boolean;
}

/** Looks at everything in a database that can be reached. Changes nothing. */
export async function checkDatabase(database: Database, { atRest }: DatabaseChecks): Promise<readonly CheckResult[]> {
  const version = await check("database", () => checkVersion(database));
  const migrated = await check("migrations", () => checkMigrations(database));
  const engine = await check("engine", () => checkEngine(database));
  const hasTables = migrated.outcome === "ok";
  if (!hasTables)
    return [version, migrated, engine, { name: "invariants", outcome: "skipped", detail: "needs the migrations" }];
  const work = await check("open work", async () => openWorkText(await countOpenWork(database)));
  const checked = atRest ? [...invariants, atRestInvariant] : invariants;
  return [version, migrated, engine, work, ...(await checkInvariants(database, checked))];
}

async function checkVersion(database: Executor): Promise<string> {
  const { text, isSupported } = await postgresVersion(database);
  if (isSupported) return `Postgres ${text}`;
  throw new Error(`Postgres ${text} is too old; ${minimumPostgres} or newer is needed`);
}

async function checkMigrations(database: Executor): Promise<string> {
  const wanted = await readMigrations();
  const { rows: found } = await database.query<{ there: boolean }>(
    "select to_regclass('platos.migrations') is not null as there",
  );
  if (found[0]?.there !== true) throw new Error("none was applied yet; run platos migrate");
  const { rows } = await database.query<{ id: number; name: string }>(
    "select id, name from platos.migrations order by id",
  );
  const missing = wanted.filter(({ id }) => !rows.some((row) => row.id === id)).map(({ name }) => name);
  if (missing.length > 0) throw new Error(`missing: ${missing.join(", ")}; run platos migrate`);
  const newer = rows.filter(({ id }) => id > wanted.length).map(({ name }) => name);
  if (newer.length > 0)
    throw new Error(`the database is newer than this program (${newer.join(", ")}); update Platos Tasks`);
  return `${rows.length} applied, none missing`;
}

const engineQueues = ["platos_bgo", "platos_turn"];

async function checkEngine(database: Executor): Promise<string> {
  const { rows: found } = await database.query<{ there: boolean }>(
    "select to_regclass('pgboss.version') is not null and to_regclass('pgboss.queue') is not null as there",
  );
  if (found[0]?.there !== true) throw new Error("the queue has no tables yet; start platos dev, server or worker once");
  const { rows } = await database.query<{ version: number; queues: string[] }>(
    "select (select max(version) from pgboss.version) as version, array(select name from pgboss.queue) as queues",
  );
  const queues = rows[0]?.queues ?? [];
  const missing = engineQueues.filter((queue) => !queues.includes(queue));
  if (missing.length > 0)
    throw new Error(`missing queues: ${missing.join(", ")}; start platos dev, server or worker once`);
  return `queue schema ${rows[0]?.version ?? "unknown"}, both queues there`;
}

/** At once: one keeps the database busy, another this process. More would only take from those who work. */
const invariantsAtOnce = 2;

/** One result for each, in the order in which they are given. */
export async function checkInvariants(
  database: Database,
  checked: readonly Invariant[],
): Promise<readonly CheckResult[]> {
  // The longest goes first, so that the others can be done beside it.
  const waiting = checked.toSorted((one, other) => Number(other === auditChain) - Number(one === auditChain));
  const results = new Map<Invariant, CheckResult>();
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      results.set(next, await checkInvariant(database, next));
    }
  };
  await Promise.all(Array.from({ length: invariantsAtOnce }, work));
  return checked.flatMap((invariant) => results.get(invariant) ?? []);
}

async function checkInvariant(database: Database, invariant: Invariant): Promise<CheckResult> {
  const { id, sentence } = invariant;
  const found = await findViolations(database, invariant).catch((error: unknown) => [
    `it could not be checked: ${error instanceof Error ? error.message : String(error)}`,
  ]);
  const isBroken = found.length > 0;
  return {
    name: id,
    outcome: isBroken ? "failed" : "ok",
    detail: sentence,
    ...(isBroken ? { cases: found } : {}),
  };
}
