import { createServer, type AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { silentLog } from "../core/ports/log.ts";
import { Database } from "./database.ts";

/** A message of the server: its letter, its length, its content. */
function frame(type: string, content: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, "latin1");
  head.writeUInt32BE(content.length + 4, 1);
  return Buffer.concat([head, content]);
}

const signedIn = frame("R", Buffer.alloc(4));
const ready = frame("Z", Buffer.from("I"));
const ended = frame(
  "E",
  Buffer.from("SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0"),
);

// Lets everybody in and ends the session in the same breath, so that both arrive as one piece.
const server = createServer((socket) => {
  socket.on("error", () => undefined);
  socket.once("data", () => socket.end(Buffer.concat([signedIn, ready, ended])));
});

beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));

afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));

test("a connection that is ended as it is made is an unavailable store, and nothing that ends the process", async () => {
  const { port } = server.address() as AddressInfo;
  const database = new Database({ connectionString: `postgres://u@127.0.0.1:${port}/d`, poolSize: 2, log: silentLog });

  const committed = database.transaction((tx) => tx.query("select 1"));

  await expect(committed).rejects.toMatchObject({ code: "store.unavailable" });
  await database.close();
});
