import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { StartReport, Work, WorkReport } from "../harness/work.ts";
import type { ContenderReply, ContenderRequest } from "./contender-messages.ts";
import type { ContenderSettings } from "./contender.ts";

export type ContenderName = "plain" | "bare" | "platos" | "platos-server" | "platos-worker";

/** A contender seen from outside its process. */
export interface RunningContender {
  readonly name: ContenderName;
  run(work: Work): Promise<WorkReport>;
  measureStarts(count: number): Promise<readonly StartReport[]>;
  cpuMs(): Promise<number>;
  /** Ends the process; its database connections are closed when this returns. */
  close(): Promise<void>;
}

export interface StartContenderOptions {
  readonly settings: ContenderSettings;
  /** Write a CPU profile of the process into this folder. */
  readonly profileDir: string | undefined;
}

export async function startContender(name: ContenderName, options: StartContenderOptions): Promise<RunningContender> {
  const { profileDir } = options;
  const profiling =
    profileDir === undefined
      ? []
      : ["--cpu-prof", `--cpu-prof-dir=${profileDir}`, `--cpu-prof-name=${name}-${Date.now()}.cpuprofile`];
  const child = fork(new URL("./contender-process.ts", import.meta.url), [name, JSON.stringify(options.settings)], {
    execArgv: ["--conditions=platos-source", ...profiling],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  await nextReply(child, name);
  const ask = async (request: ContenderRequest): Promise<unknown> => {
    child.send(request);
    return nextReply(child, name);
  };
  return {
    name,
    run: async (work) => (await ask({ do: "run", work })) as WorkReport,
    measureStarts: async (count) => (await ask({ do: "starts", count })) as readonly StartReport[],
    cpuMs: async () => (await ask({ do: "cpu" })) as number,
    async close() {
      if (child.exitCode !== null) return;
      const exited = once(child, "exit");
      await ask({ do: "close" });
      const killer = setTimeout(() => child.kill("SIGKILL"), 10_000);
      await exited;
      clearTimeout(killer);
    },
  };
}

/** Waits for the answer to the one request that is open. */
function nextReply(child: ChildProcess, name: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => reject(new Error(`The process of ${name} ended with code ${code}.`));
    child.once("exit", onExit);
    child.once("message", (reply: ContenderReply) => {
      child.off("exit", onExit);
      if ("error" in reply) reject(new Error(`${name}: ${reply.error}`));
      else resolve(reply.value);
    });
  });
}
