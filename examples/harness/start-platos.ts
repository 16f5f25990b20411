import { spawn, type ChildProcess } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createClient, type PlatosClient } from "@platos-tasks/client";

const main = fileURLToPath(new URL("../../packages/platos-tasks/src/cli/main.ts", import.meta.url));
const apiKey = "an-example-key-for-this-run-only";
const readyWithinMs = 60_000;

export interface RunningPlatos {
  readonly client: PlatosClient;
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts the product as a user would, in a folder of its own, and waits for its ready line. */
export async function startPlatos(env: Readonly<Record<string, string>>): Promise<RunningPlatos> {
  const home = await mkdtemp(join(tmpdir(), "platos-example-"));
  // When root starts it, the user who runs Postgres must get through.
  await chmod(home, 0o711);
  const child = spawn(process.execPath, ["--conditions=platos-source", main, "dev"], {
    env: { ...process.env, PLATOS_HOME: home, PORT: "0", PLATOS_API_KEY: apiKey, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const url = await readyUrl(child);
  return {
    client: createClient({ baseUrl: url, apiKey }),
    url,
    async stop() {
      const exited = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await exited;
      await rm(home, { recursive: true, force: true });
    },
  };
}

function readyUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = "";
    const timer = setTimeout(() => reject(new Error(`It did not get ready. It said:\n${output}`)), readyWithinMs);
    child.once("exit", (code) => reject(new Error(`It ended with code ${code}. It said:\n${output}`)));
    child.stdout?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      const url = /ready at (http:\S+)/u.exec(output)?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    });
  });
}
