import { type ClientFrame, errorFrame, queryFrame, type ServerFrame, textsOf } from "./postgres-frames.ts";

/** How a statement is to fail. */
export interface StatementFailure {
  /** What the client is told. `08006` is told by nobody: the link is reset. */
  readonly sqlState: string;
  /** The server ends the session with it. */
  readonly isFatal: boolean;
}

export type FailsStatement = (text: string) => StatementFailure | null;

const lostConnection = "08006";
const nothing: Buffer = Buffer.alloc(0);
const message = "made to fail";
/** What one says of itself when it is told to end. */
const terminated = "57P01";

/**
 * Lets statements of one connection fail in place of being done. The server fails them, by a statement that raises the
 * error: so it comes behind the answers to earlier statements, and the transaction is aborted in truth.
 */
export class FailingStatements {
  readonly #fails: FailsStatement;
  readonly #texts = new Map<string, string>();
  /** Says what a statement is, and waits for the message that binds it: only then it is decided. */
  #parse: Buffer = nothing;
  /** What is sent in place of the statement, once the rest of it has come and was left out. */
  #instead: Buffer | null = null;
  #commitFailure: StatementFailure | null = null;
  #endFailure: StatementFailure | null = null;

  constructor(fails: FailsStatement) {
    this.#fails = fails;
  }

  /** What the server gets of these messages; null: the link is to be reset. */
  pass(frames: readonly ClientFrame[]): Buffer[] | null {
    const passed: Buffer[] = [];
    for (const frame of frames) {
      const bytes = this.#passOne(frame);
      if (bytes === null) return null;
      if (bytes.length > 0) passed.push(bytes);
    }
    return passed;
  }

  /** What the client gets for a message of the server. */
  answer({ type, bytes }: ServerFrame): Buffer {
    if (this.#commitFailure !== null && type === "C" && bytes.includes("ROLLBACK")) {
      const { sqlState } = this.#commitFailure;
      this.#commitFailure = null;
      return errorFrame({ severity: "ERROR", sqlState, message });
    }
    if (this.#endFailure !== null && type === "E" && bytes.includes(`C${terminated}\0`)) {
      const { sqlState } = this.#endFailure;
      this.#endFailure = null;
      return errorFrame({ severity: "FATAL", sqlState, message });
    }
    return bytes;
  }

  #passOne(frame: ClientFrame): Buffer | null {
    if (this.#instead !== null) {
      if (frame.type !== "S") return nothing;
      const instead = this.#instead;
      this.#instead = null;
      return instead;
    }
    if (frame.type === "Q") return this.#query(frame);
    if (frame.type === "P") {
      const [name = "", text = ""] = textsOf(frame);
      this.#texts.set(name, text);
      this.#parse = frame.bytes;
      return nothing;
    }
    const parse = this.#parse;
    this.#parse = nothing;
    if (frame.type === "B") {
      const [, name = ""] = textsOf(frame);
      const failure = this.#fails(this.#texts.get(name) ?? "");
      if (failure !== null) {
        this.#instead = this.#failing(failure);
        return this.#instead === null ? null : nothing;
      }
    }
    return Buffer.concat([parse, frame.bytes]);
  }

  #query(frame: ClientFrame): Buffer | null {
    const [text = ""] = textsOf(frame);
    // A transaction that does not begin would let its statements commit one by one; no server does that on purpose.
    if (text === "begin" || text === "rollback") return frame.bytes;
    const failure = this.#fails(text);
    if (failure === null) return frame.bytes;
    if (text !== "commit" || failure.isFatal || failure.sqlState === lostConnection) return this.#failing(failure);
    // A commit that fails ends the transaction; a statement that fails would only abort it.
    this.#commitFailure = failure;
    return queryFrame("rollback");
  }

  #failing(failure: StatementFailure): Buffer | null {
    if (failure.sqlState === lostConnection) return null;
    if (failure.isFatal) {
      this.#endFailure = failure;
      return queryFrame("select pg_terminate_backend(pg_backend_pid())");
    }
    return queryFrame(
      `do $fault$ begin raise exception using errcode = '${failure.sqlState}', message = '${message}'; end $fault$`,
    );
  }
}
