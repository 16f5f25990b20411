import { Agent, request } from "node:http";

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

/**
 * Calls over connections that stay open, with the smallest client there is: what is measured is the server, and the
 * built-in `fetch` alone takes several milliseconds of an idle machine.
 */
export class HttpCaller {
  readonly #agent = new Agent({ keepAlive: true });

  call(
    url: string,
    options: { readonly method: string; readonly headers: Record<string, string>; readonly body?: string },
  ): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const { method, headers, body } = options;
      const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
      const sent = request(url, { method, agent: this.#agent, headers: { ...headers, ...length } }, (response) => {
        const pieces: Buffer[] = [];
        response.on("data", (piece: Buffer) => pieces.push(piece));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(pieces).toString() }));
      });
      sent.setTimeout(20_000, () => sent.destroy(new Error(`${method} ${url} was not answered in time.`)));
      sent.on("error", reject);
      sent.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
