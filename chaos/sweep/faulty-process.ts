// A process of the product, server and worker in one, with one fault planted in it. It serves one trial after another,
// as long as it lives.
import { writeSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { readConfig } from "../../packages/platos-tasks/src/config.ts";
import type { Runtime } from "../../packages/platos-tasks/src/runtime.ts";
import { failingPorts } from "../failpoints/failing-ports.ts";
import { failpointText } from "../failpoints/failpoint.ts";
import { FailpointGate } from "../failpoints/failpoint-gate.ts";
import { answerClient, refusalOf } from "./client-request.ts";
import { type FaultyCommand, type FaultyReply, reachedFd } from "./faulty-messages.ts";
import { openProduct } from "./product-runtime.ts";

let runtime: Runtime | null = null;
let server: { close(): Promise<void> } | null = null;
let gate: FailpointGate | null = null;
let release: () => void = () => undefined;

function reply(message: FaultyReply): void {
  if (process.connected) process.send?.(message, () => undefined);
}

function opened(): Runtime {
  if (runtime === null) throw new Error("Nothing is open.");
  return runtime;
}

async function obey(command: FaultyCommand): Promise<void> {
  switch (command.kind) {
    case "open": {
      const { promise: released, resolve } = Promise.withResolvers<void>();
      release = resolve;
      const planted = new FailpointGate(
        {
          reached: (failpoint) => void writeSync(reachedFd, `${failpointText(failpoint)}\n`),
          signal: (signal) => void process.kill(process.pid, signal),
          released: () => released,
        },
        command.failpoint,
      );
      gate = planted;
      runtime = await openProduct(command.addresses, {
        role: "worker",
        decorate: (ports) => failingPorts(ports, planted),
      });
      // Whoever is killed writes no cache, and the next one would compile everything again.
      flushCompileCache();
      return reply({ kind: "opened" });
    }
    case "work":
      await opened().startWorker();
      return reply({ kind: "working" });
    case "serve":
      return reply({ kind: "serving", url: await serve() });
    case "ask":
      return ask(command);
    case "release":
      return release();
    case "close":
      await server?.close();
      server = null;
      await runtime?.stop({ graceMs: command.graceMs });
      reply({ kind: "closed", seen: gate?.seen ?? [] });
  }
}

async function serve(): Promise<string> {
  // Most of these processes only work, and start sooner without it.
  const { startServer } = await import("../../packages/platos-tasks/src/server/start-server.ts");
  const config = readConfig({ PORT: "0" });
  const started = await startServer({ runtime: opened(), config, dashboardDir: null });
  server = started;
  flushCompileCache();
  return started.url;
}

async function ask({ askId, caller, request }: Extract<FaultyCommand, { kind: "ask" }>): Promise<void> {
  try {
    reply({ kind: "answered", askId, answer: await answerClient(opened().operations, caller, request) });
  } catch (error) {
    reply({ kind: "refused", askId, refusal: refusalOf(error) });
  }
}

process.on("message", (command: FaultyCommand) => {
  obey(command).catch((error: unknown) => reply({ kind: "broken", message: refusalOf(error).message }));
});
// Whoever started us is gone: nobody would ever end us.
process.once("disconnect", () => process.exit(1));
