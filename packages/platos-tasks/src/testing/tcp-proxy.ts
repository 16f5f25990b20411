import { connect, createServer, type AddressInfo, type Socket } from "node:net";

export interface TcpProxy {
  /** The given address with this proxy in place of its host and port. */
  readonly url: string;
  /** Drops every connection and refuses new ones. */
  cut(): void;
  /** Passes nothing on any more and tells nobody: every connection seems to be there, also a new one. */
  swallow(): void;
  /** Lets connections through again; those that have swallowed something stay silent. */
  mend(): void;
  close(): Promise<void>;
}

/** Stands between a program and a server, so that a test can take the server away and give it back. */
export async function startTcpProxy(target: string): Promise<TcpProxy> {
  const to = new URL(target);
  const sockets = new Set<Socket>();
  let isCut = false;
  let isSilent = false;
  // A goodbye is passed on by the pipes, and swallowed with the rest.
  const server = createServer({ allowHalfOpen: true }, (inner) => {
    if (isCut) {
      inner.resetAndDestroy();
      return;
    }
    if (isSilent) {
      sockets.add(inner);
      inner.on("error", () => undefined).on("close", () => sockets.delete(inner));
      inner.resume();
      return;
    }
    const outer = connect({ host: to.hostname, port: Number(to.port), allowHalfOpen: true });
    for (const [from, other] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      sockets.add(from);
      from.on("error", () => other.destroy());
      from.on("close", () => {
        sockets.delete(from);
        other.destroy();
      });
      from.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = new URL(target);
  url.hostname = "127.0.0.1";
  url.port = String((server.address() as AddressInfo).port);
  const cut = (): void => {
    isCut = true;
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    url: url.href,
    cut,
    swallow: () => {
      isSilent = true;
      for (const socket of sockets) {
        socket.unpipe();
        socket.resume();
      }
    },
    mend: () => {
      isCut = false;
      isSilent = false;
    },
    close: async () => {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
