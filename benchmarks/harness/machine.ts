import { availableParallelism, totalmem } from "node:os";
import type pg from "pg";

/** The machine in general words: enough to compare, nothing that names it. */
export interface Machine {
  readonly cores: number;
  readonly memoryGb: number;
  readonly platform: string;
  readonly node: string;
  readonly postgres: string;
  /** Of one small insert that commits by itself, median: what each durable step costs here at least. */
  readonly commitMs: number;
}

export async function describeMachine(client: pg.Client, commitMs: number): Promise<Machine> {
  const { rows } = await client.query<{ server_version: string }>("show server_version");
  return {
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    postgres: rows[0]?.server_version ?? "unknown",
    commitMs,
  };
}
