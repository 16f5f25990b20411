import { fork } from "node:child_process";
import { once } from "node:events";
import type { Bench } from "../harness/bench.ts";
import type { BenchDatabase } from "../harness/postgres-server.ts";
import type { ContenderReply } from "./contender-messages.ts";
import type { ContenderSettings } from "./contender.ts";
import type { WaitingRequest } from "./waiting-messages.ts";

/** A server or a worker of the product, seen from outside its process. */
export interface WaitingProcess {
  ask(request: WaitingRequest): Promise<unknown>;
  close(): Promise<void>;
}

/** It is closed when the benchmark ends, if not before. */
export async function startWaitingProcess(
  bench: Bench,
  of: { readonly role: "server" | "worker"; readonly database: BenchDatabase; readonly concurrency: number },
): Promise<WaitingProcess> {
  const { connectionString } = of.database;
  const settings: ContenderSettings = { connectionString, modelUrl: bench.modelUrl, concurrency: of.concurrency };
  const child = fork(new URL("./waiting-process.ts", import.meta.url), [of.role, JSON.stringify(settings)], {
    execArgv: ["--conditions=platos-source", "--expose-gc"],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const exited = once(child, "exit");
  const nextReply = async (): Promise<unknown> => {
    const ended = exited.then(([code]) => Promise.reject(new Error(`The ${of.role} ended with code ${String(code)}.`)));
    ended.catch(() => undefined);
    const [reply] = (await Promise.race([once(child, "message"), ended])) as [ContenderReply];
    if ("error" in reply) throw new Error(`${of.role}: ${reply.error}`);
    return reply.value;
  };
  const ask = (request: WaitingRequest): Promise<unknown> => {
    const replied = nextReply();
    child.send(request);
    return replied;
  };
  const close = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const killer = setTimeout(() => child.kill("SIGKILL"), 10_000);
    await ask({ do: "close" });
    await exited;
    clearTimeout(killer);
  };
  bench.atEnd(close);
  await nextReply();
  return { ask, close };
}
