import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import { PlatosError } from "../../core/errors.ts";
import { embeddedHost } from "./credentials.ts";

/**
 * Below what systems hand to outgoing connections (32768 and up). A port from that range can be taken by any client
 * while the database restarts, even by one of ours that connects to it and so meets itself.
 */
const firstPort = 15_000;
const lastPort = 32_000;
const tries = 50;

/** A port of the loopback address nobody listens on at this moment; the preferred one if it is free. */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && (await isFree(preferred))) return preferred;
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const port = randomInt(firstPort, lastPort);
    if (await isFree(port)) return port;
  }
  throw new PlatosError(
    "store.unavailable",
    `No free port between ${firstPort} and ${lastPort} was found on ${embeddedHost} for the embedded database. Close what holds them, or set DATABASE_URL.`,
  );
}

async function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer();
  server.once("error", () => resolve(false));
  server.listen({ port, host: embeddedHost, exclusive: true }, () => server.close(() => resolve(true)));
  return promise;
}
