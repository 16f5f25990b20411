import pg from "pg";

const schema = `
  create table runs (id bigint generated always as identity primary key, status text not null, prompt text not null,
    output text, created_at timestamptz not null default now(), finished_at timestamptz);
  create table steps (run_id bigint not null, step_no int not null, kind text not null, data jsonb not null,
    created_at timestamptz not null default now(), primary key (run_id, step_no))`;

/** The least that makes a loop durable: a row, and one commit for each step. No queue, no leases, no viewers. */
export class BareJournal {
  readonly #pool: pg.Pool;

  private constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  static async open(connectionString: string, poolSize: number): Promise<BareJournal> {
    const pool = new pg.Pool({ connectionString, max: poolSize });
    await pool
      .query("select to_regclass('runs') as runs")
      .then(({ rows }) => (rows[0]?.runs === null ? pool.query(schema) : null));
    return new BareJournal(pool);
  }

  async start(prompt: string): Promise<string> {
    const { rows } = await this.#pool.query<{ id: string }>({
      name: "start",
      text: "insert into runs (status, prompt) values ('running', $1) returning id",
      values: [prompt],
    });
    return rows[0]?.id ?? "";
  }

  async record(
    runId: string,
    stepNo: number,
    step: { readonly kind: "model" | "tool"; readonly data: unknown },
  ): Promise<void> {
    await this.#pool.query({
      name: "record",
      text: "insert into steps (run_id, step_no, kind, data) values ($1, $2, $3, $4)",
      values: [runId, stepNo, step.kind, JSON.stringify(step.data)],
    });
  }

  async end(runId: string, output: string): Promise<void> {
    await this.#pool.query({
      name: "end",
      text: "update runs set status = 'completed', output = $2, finished_at = now() where id = $1",
      values: [runId, output],
    });
  }

  close(): Promise<void> {
    return this.#pool.end();
  }
}
