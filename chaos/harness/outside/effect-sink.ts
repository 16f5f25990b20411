import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { ToolEffect } from "../../../packages/platos-tasks/src/core/tool.ts";

/** One request that a tool made: an effect in the world outside, whatever the product remembers of it. */
export interface Effect {
  readonly effect: ToolEffect;
  /** The call's idempotency key as the tool was given it. */
  readonly callKey: string;
  /** Null in a chat turn. */
  readonly bgoId: string | null;
  /** What the model put into this call and into no other: tells which call was meant, whatever its key. */
  readonly token: string;
}

export interface SeenEffect extends Effect {
  readonly atMs: number;
  /** When the tool dropped the connection before it had its answer. */
  readonly goneAtMs: number | null;
}

export interface EffectSink {
  readonly url: string;
  readonly effects: readonly SeenEffect[];
  close(): Promise<void>;
}

/** A server on 127.0.0.1 that remembers every request. `onEffect` sees each before it is answered. */
export async function startEffectSink(
  options: { readonly onEffect?: (effect: SeenEffect) => Promise<void> } = {},
): Promise<EffectSink> {
  const effects: SeenEffect[] = [];
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const body = JSON.parse(await readBody(incoming)) as Effect;
      const effect: { -readonly [Field in keyof SeenEffect]: SeenEffect[Field] } = {
        ...body,
        atMs: Date.now(),
        goneAtMs: null,
      };
      effects.push(effect);
      outgoing.once("close", () => {
        if (!outgoing.writableFinished) effect.goneAtMs = Date.now();
      });
      await options.onEffect?.(effect);
      outgoing.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ seen: effects.length }));
    })().catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    effects,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of incoming) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString("utf8");
}

/**
 * I8: an at-most-once call reached the world at most once, and an idempotent one under one key, however often. One
 * sentence per call that did not.
 */
export function effectViolations(effects: readonly Effect[]): string[] {
  const calls = Map.groupBy(effects, ({ token }) => token);
  return [...calls].flatMap(([token, seen]) => {
    const keys = new Set(seen.map(({ callKey }) => callKey));
    const [first] = seen;
    if (first?.effect === "at_most_once" && seen.length > 1) {
      return [`I8: the at-most-once call ${token} reached the sink ${seen.length} times`];
    }
    if (first?.effect === "idempotent" && keys.size > 1) {
      return [`I8: the idempotent call ${token} came under ${keys.size} keys: ${[...keys].join(", ")}`];
    }
    return [];
  });
}
