import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { probeDatabase } from "./probe-database.ts";

const credentials = { user: "platos", password: "secret", database: "platos" } as const;

// Messages of Postgres' protocol: a type, the length with itself, the body.
const wantsPassword = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]);
const signedIn = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0]);
const readyForQuery = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

/** What a server says that is not up yet, or not any more. */
function refusal(code: string): Buffer {
  const fields = Buffer.from(`SFATAL\0C${code}\0Mthe database system is not yet accepting connections\0\0`);
  const head = Buffer.from([0x45, 0, 0, 0, fields.length + 4]);
  return Buffer.concat([head, fields]);
}

let server: Server | null = null;
const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server?.close();
  server = null;
});

/** A server that does with the n-th piece of what it is sent whatever `answers` has for it. */
async function serverThat(...answers: ((socket: Socket) => void)[]): Promise<number> {
  // What it does not say it does not do either: nobody's goodbye closes its connections.
  const listening = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    const left = [...answers];
    socket.on("error", () => undefined);
    socket.on("data", () => left.shift()?.(socket));
  });
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  return (listening.address() as AddressInfo).port;
}

const dies = (socket: Socket): void => void socket.destroy();
const isKilled = (socket: Socket): void => void socket.resetAndDestroy();

test.each<[string, ((socket: Socket) => void)[]]>([
  ["as soon as it is spoken to", [dies]],
  ["so hard that the connection is reset", [isKilled]],
  ["when it has asked for the password", [(socket) => void socket.end(wantsPassword, () => socket.destroy())]],
  ["when it has been told the password", [(socket) => socket.write(wantsPassword), dies]],
  ["when it has let us in, before it is ready", [(socket) => void socket.end(signedIn, () => socket.destroy())]],
  ["when it is asked", [(socket) => socket.write(Buffer.concat([signedIn, readyForQuery])), dies]],
])("a server that dies %s is unreachable, and the probe comes to an end", async (_when, answers) => {
  const port = await serverThat(...answers);
  expect(await probeDatabase({ credentials, port })).toMatchObject({ state: "unreachable" });
});

test("a server that dies when it has refused us, and leaves the connection open, does not hold the probe", async () => {
  const port = await serverThat((socket) => socket.write(refusal("57P03")));
  expect(await probeDatabase({ credentials, port })).toMatchObject({ state: "starting" });
});

test("a server that says nothing is unreachable, and the probe comes to an end", async () => {
  const port = await serverThat();
  expect(await probeDatabase({ credentials, port })).toMatchObject({ state: "unreachable" });
});
