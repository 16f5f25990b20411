import { createWriteStream, type WriteStream } from "node:fs";
import { finished } from "node:stream/promises";

/** A line of the history: what was asked, acknowledged or done to the system, with its time. */
export interface HistoryLine {
  readonly kind: string;
  readonly [field: string]: unknown;
}

/** The history file, one JSON object a line: what the outside world knows, whatever the database says. */
export class History {
  readonly path: string;
  readonly #file: WriteStream;

  constructor(path: string) {
    this.path = path;
    this.#file = createWriteStream(path);
  }

  add(line: HistoryLine): void {
    this.#file.write(`${JSON.stringify({ at: new Date().toISOString(), ...line })}\n`);
  }

  async close(): Promise<void> {
    this.#file.end();
    await finished(this.#file);
  }
}
