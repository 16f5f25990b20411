import type { Executor } from "../store/database.ts";

/** The oldest major version that is supported. */
export const minimumPostgres = 15;

export async function postgresVersion(
  database: Executor,
): Promise<{ readonly text: string; readonly isSupported: boolean }> {
  const { rows } = await database.query<{ text: string; number: string }>(
    "select current_setting('server_version') as text, current_setting('server_version_num') as number",
  );
  const row = rows[0];
  if (row === undefined) throw new Error("Postgres did not tell its version.");
  return { text: row.text.split(" ", 1)[0] ?? row.text, isSupported: Number(row.number) >= minimumPostgres * 10_000 };
}
