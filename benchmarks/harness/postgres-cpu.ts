import { readdir, readFile } from "node:fs/promises";
import type pg from "pg";

/** CPU milliseconds that the living processes of the server have used so far; NaN where the system does not tell. */
export async function postgresCpuMs(client: pg.Client): Promise<number> {
  if (process.platform !== "linux") return Number.NaN;
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  const server = await parentOf(String(rows[0]?.pid));
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/u.test(name));
  const used = await Promise.all(
    pids.map(async (pid) => (pid === server || (await parentOf(pid)) === server ? cpuMsOf(pid) : 0)),
  );
  return used.reduce((total, cpuMs) => total + cpuMs, 0);
}

/** Source: proc(5). The fields are counted behind the name, which may hold anything. */
async function parentOf(pid: string): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => "");
  return text.slice(text.lastIndexOf(")") + 2).split(" ")[1];
}

/** Source: the kernel's sched-stats; the first number is time on a CPU in nanoseconds. */
async function cpuMsOf(pid: string): Promise<number> {
  const text = await readFile(`/proc/${pid}/schedstat`, "latin1").catch(() => "0");
  return Number(text.split(" ")[0]) / 1e6;
}
