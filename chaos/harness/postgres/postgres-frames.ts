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

/** One message of a client, whole; what opens a connection has no letter. */
export interface ClientFrame {
  /** `""` for what opens a connection, then `Q` Query, `P` Parse, `B` Bind, `E` Execute, `S` Sync … */
  readonly type: string;
  readonly bytes: Buffer;
}

const openingHeadBytes = 8;
const protocolMajor = 3;

/** Cuts what a client sends into messages. */
export class ClientFrames {
  #rest: Buffer = Buffer.alloc(0);
  /** Behind the startup message every message has its letter. */
  #isOpen = false;

  push(chunk: Buffer): ClientFrame[] {
    let rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const frames: ClientFrame[] = [];
    for (;;) {
      const head = this.#isOpen ? 1 : 0;
      if (rest.length < (this.#isOpen ? headBytes : openingHeadBytes)) break;
      const length = head + rest.readUInt32BE(head);
      if (rest.length < length) break;
      const bytes = rest.subarray(0, length);
      frames.push({ type: rest.toString("latin1", 0, head), bytes });
      // Others of that shape ask for encryption or for a cancel.
      if (!this.#isOpen) this.#isOpen = bytes.readUInt16BE(4) === protocolMajor;
      rest = rest.subarray(length);
    }
    this.#rest = rest;
    return frames;
  }
}

/** What a client calls itself in the message that opens its connection; empty when it does not say. */
export function applicationNameOf(frame: ClientFrame): string {
  const words = frame.bytes.toString("utf8", openingHeadBytes).split("\0");
  for (let at = 0; at + 1 < words.length; at += 2) if (words[at] === "application_name") return words[at + 1] ?? "";
  return "";
}

/** The texts, ended by a zero each, that a message begins with. */
export function textsOf(frame: ClientFrame): readonly string[] {
  return frame.bytes.toString("utf8", headBytes).split("\0");
}

/** A text as one statement that is not prepared. */
export function queryFrame(text: string): Buffer {
  return framed("Q", `${text}\0`);
}

export interface SentError {
  readonly severity: "ERROR" | "FATAL";
  readonly sqlState: string;
  readonly message: string;
}

/** An error as the server would tell it. */
export function errorFrame({ severity, sqlState, message }: SentError): Buffer {
  return framed("E", `S${severity}\0V${severity}\0C${sqlState}\0M${message}\0\0`);
}

function framed(letter: string, text: string): Buffer {
  const body = Buffer.from(text, "utf8");
  const bytes = Buffer.alloc(headBytes + body.length);
  bytes.write(letter, 0, "latin1");
  bytes.writeUInt32BE(4 + body.length, 1);
  body.copy(bytes, headBytes);
  return bytes;
}
