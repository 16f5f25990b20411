/** One message of the server, whole. Source: PostgreSQL documentation, "Message Formats". */
export interface ServerFrame {
  /** The letter that says what it is: `C` CommandComplete, `Z` ReadyForQuery, `E` ErrorResponse … */
  readonly type: string;
  readonly bytes: Buffer;
}

const headBytes = 5;

/** Cuts what a Postgres server sends into messages, however the network cut it. */
export class ServerFrames {
  #rest: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): ServerFrame[] {
    let rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const frames: ServerFrame[] = [];
    while (rest.length >= headBytes) {
      const length = 1 + rest.readUInt32BE(1);
      if (rest.length < length) break;
      frames.push({ type: rest.toString("latin1", 0, 1), bytes: rest.subarray(0, length) });
      rest = rest.subarray(length);
    }
    this.#rest = rest;
    return frames;
  }
}

/** The command of a CommandComplete, without its counts: `COMMIT`, `INSERT`, `UPDATE` … */
export function commandOf(frame: ServerFrame): string {
  return frame.bytes.toString("latin1", headBytes, frame.bytes.length - 1).split(" ", 1)[0] ?? "";
}

/** Of a ReadyForQuery: whether the session is outside any transaction. */
export function isIdle(frame: ServerFrame): boolean {
  return frame.bytes.toString("latin1", headBytes) === "I";
}
