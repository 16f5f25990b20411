import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Bench, Skipped } from "./bench.ts";
import { HttpCaller } from "./http-call.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const apiKey = "bench-key-of-a-throwaway-server";
const patienceMs = 60_000;

/** The product as it is installed: `npm start` without npm, in a process of its own. */
export interface Product {
  readonly url: string;
  /** The JSON body of a success; throws otherwise. */
  call(method: string, path: string, body?: unknown): Promise<unknown>;
  makeThread(): Promise<{ readonly threadId: string }>;
  /** Opens a stream and reads it to nowhere until the signal aborts. */
  stream(path: string, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Starts it and waits for its line that says ready. All starts of one benchmark share a home folder. */
export async function startProduct(bench: Bench, env: Readonly<Record<string, string>>): Promise<Product> {
  if (!existsSync(new URL("../../packages/platos-tasks/src/cli/main.ts", import.meta.url))) {
    throw new Skipped("there is no command line yet");
  }
  const child = spawn(process.execPath, ["scripts/run.mjs", "start"], {
    cwd: root,
    env: {
      ...process.env,
      PLATOS_HOME: bench.homeDir,
      PORT: "0",
      PLATOS_API_KEY: apiKey,
      OPENAI_COMPATIBLE_BASE_URL: bench.modelUrl,
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const close = (): Promise<void> => stop(child);
  bench.atEnd(close);
  return productAt(await readyUrl(child), close);
}

function productAt(url: string, close: () => Promise<void>): Product {
  const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };
  const caller = new HttpCaller();
  const call: Product["call"] = async (method, path, body) => {
    const answer = await caller.call(url + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (answer.status >= 400) throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text}`);
    return JSON.parse(answer.text);
  };
  return {
    url,
    call,
    async makeThread() {
      const { id } = (await call("POST", "/api/v1/threads", { agent: "assistant" })) as { id: string };
      return { threadId: id };
    },
    async stream(path, signal) {
      const response = await fetch(url + path, { headers, signal });
      if (!response.ok) throw new Error(`${path} answered ${response.status}.`);
      response.body?.pipeTo(new WritableStream(), { signal }).catch(() => undefined);
    },
    close: async () => {
      caller.close();
      await close();
    },
  };
}

function readyUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = "";
    const fail = (why: string): void => reject(new Error(`The product did not get ready: ${why}.\n${output}`));
    const timer = setTimeout(() => fail("it took too long"), patienceMs);
    const read = (piece: Buffer): void => {
      output += piece.toString();
      const url = /ready at (http:\/\/[^\s/]+)/u.exec(output)?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("exit", (code) => {
      clearTimeout(timer);
      fail(`it ended with code ${code}`);
    });
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  const killer = setTimeout(() => child.kill("SIGKILL"), 15_000);
  await exited;
  clearTimeout(killer);
}
