import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

const probeMs = 50;

/** A client of the events that never reads what it is sent, and never goes away by itself. */
export class DeafReader {
  readonly #socket: Socket;
  #isDropped = false;

  static async open(of: { readonly url: string; readonly key: string; readonly topics: string }): Promise<DeafReader> {
    const { hostname, port, host } = new URL(of.url);
    const socket = connect({ host: hostname, port: Number(port) });
    await once(socket, "connect");
    socket.pause();
    socket.write(
      `GET /api/v1/events?topics=${of.topics} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${of.key}\r\n\r\n`,
    );
    return new DeafReader(socket);
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    // Reset by the server: that is what it is to learn.
    socket.on("error", () => undefined);
    socket.on("close", () => (this.#isDropped = true));
  }

  /** Whether the server has closed the connection, which only shows to one that does not read when it writes. */
  async isDropped(withinMs: number): Promise<boolean> {
    const untilMs = performance.now() + withinMs;
    while (!this.#isDropped && performance.now() < untilMs) {
      // Empty lines between requests are ignored.
      this.#socket.write("\r\n");
      await delay(probeMs);
    }
    return this.#isDropped;
  }

  close(): void {
    this.#socket.destroy();
  }
}
