import { type ChildProcess, spawn } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createClient, type PlatosClient } from "@platos-tasks/client";
import { startCrashingPostgres } from "../../chaos/harness/postgres/crashing-postgres.ts";

const main = fileURLToPath(new URL("../../packages/platos-tasks/src/cli/main.ts", import.meta.url));
const apiKey = "an-example-key-for-this-run-only";
const readyWithinMs = 60_000;

/** A Postgres, a server and a worker, each of which may go away at any time. */
export interface Deployment {
  readonly client: PlatosClient;
  /** SIGKILL to the worker as soon as it is ready; another one has been started when this resolves. */
  replaceWorker(): Promise<void>;
  /** All processes of Postgres end at once and come back; server and worker stay. */
  restartDatabase(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts them as an operator would who has more than one machine. */
export async function startDeployment(env: Readonly<Record<string, string>>): Promise<Deployment> {
  const home = await mkdtemp(join(tmpdir(), "platos-example-"));
  await chmod(home, 0o711);
  const postgres = await startCrashingPostgres();
  const start = (role: "server" | "worker"): ChildProcess =>
    spawn(process.execPath, ["--conditions=platos-source", main, role], {
      env: {
        PATH: process.env["PATH"],
        DATABASE_URL: postgres.connectionString,
        PLATOS_HOME: home,
        PORT: "0",
        PLATOS_API_KEY: apiKey,
        // A database that goes away is told of; here it is meant to.
        PLATOS_LOG_LEVEL: "silent",
        ...env,
      },
      stdio: ["ignore", "pipe", "inherit"],
    });
  const startWorker = (): { readonly process: ChildProcess; readonly ready: Promise<unknown> } => {
    const worker = start("worker");
    const ready = said(worker, /worker ready/u);
    // Whoever kills it asks first.
    ready.catch(() => undefined);
    return { process: worker, ready };
  };
  const server = start("server");
  const url = (await said(server, /ready at (http:\S+)/u))[1] ?? "";
  let worker = startWorker();
  return {
    client: createClient({ baseUrl: url, apiKey }),
    async replaceWorker() {
      await worker.ready;
      await end(worker.process, "SIGKILL");
      worker = startWorker();
    },
    async restartDatabase() {
      await postgres.crash("immediate");
      await postgres.start();
    },
    async stop() {
      await Promise.all([end(worker.process, "SIGTERM"), end(server, "SIGTERM")]);
      await postgres.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once("exit", resolve));
  child.kill(signal);
  await exited;
}

function said(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let output = "";
    const timer = setTimeout(() => reject(new Error(`It did not get ready. It said:\n${output}`)), readyWithinMs);
    child.once("exit", (code) => reject(new Error(`It ended with code ${code}. It said:\n${output}`)));
    child.stdout?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      const match = pattern.exec(output);
      if (match === null) return;
      clearTimeout(timer);
      resolve(match);
    });
  });
}
