import type pg from "pg";

interface StatementRow {
  readonly database: string;
  readonly calls: string;
  readonly execution: number;
  readonly planning: number;
  readonly plans: string;
  readonly query: string;
}

/** The statements that took most of the server's time, for `--profile`. */
export async function topStatements(client: pg.Client, count: number): Promise<string> {
  const { rows } = await client.query<StatementRow>(
    `select d.datname as database, s.calls, s.total_exec_time as execution, s.total_plan_time as planning, s.plans, s.query
     from pg_stat_statements s join pg_database d on d.oid = s.dbid
     order by s.total_exec_time + s.total_plan_time desc limit $1`,
    [count],
  );
  return rows
    .map(({ database, calls, execution, planning, plans, query }) => {
      const text = query.replaceAll(/\s+/gu, " ").slice(0, 160);
      const each = (execution / Number(calls)).toFixed(3);
      return `${database}  ${calls} calls  ${execution.toFixed(0)} ms in all  ${each} ms each  + ${planning.toFixed(0)} ms for ${plans} plans  ${text}`;
    })
    .join("\n");
}
