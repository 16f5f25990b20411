import { fork } from "node:child_process";
import { once } from "node:events";

export interface ModelStub {
  /** Ends in `/v1`. */
  readonly baseUrl: string;
  close(): Promise<void>;
}

/** Starts the stub in a process of its own, so that its CPU is nobody else's. */
export async function startModelStub(): Promise<ModelStub> {
  const child = fork(new URL("./model-stub.ts", import.meta.url), { execArgv: [] });
  const [message] = (await once(child, "message")) as [{ readonly port: number }];
  return {
    baseUrl: `http://127.0.0.1:${message.port}/v1`,
    async close() {
      const exited = once(child, "exit");
      child.disconnect();
      await exited;
    },
  };
}

/** When the run of this mark made its first model call, in nanoseconds of the machine's monotonic clock. */
export async function firstCallAt(modelUrl: string, mark: string): Promise<bigint> {
  const url = new URL(`/first-call/${mark}`, modelUrl);
  const response = await fetch(url, { signal: AbortSignal.timeout(20_000) });
  return BigInt(await response.text());
}
