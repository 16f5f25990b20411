import { connect, type Socket } from "node:net";
import { FailingStatements, type StatementFailure } from "./failing-statements.ts";
import {
  applicationNameOf,
  type ClientFrame,
  ClientFrames,
  commandOf,
  errorFrame,
  isIdle,
  type ServerFrame,
  ServerFrames,
} from "./postgres-frames.ts";

/** What a proxy does to everything that passes, until it is told otherwise. */
export type PostgresFault =
  | { readonly kind: "pass" }
  | { readonly kind: "latency"; readonly delayMs: number }
  /** Says nothing and lets nothing through, in both directions. */
  | { readonly kind: "blackhole" }
  /** Lets nothing through until it is over, and then everything, in order: a network that was parted. */
  | { readonly kind: "hold" }
  /** Resets every link once it has carried so many bytes from the server. */
  | { readonly kind: "cut_after"; readonly bytes: number };

export interface LinkRules {
  /** For a client that calls itself so. */
  readonly fault: (applicationName: string) => PostgresFault;
  /** Asked when a client wants a session: with what error it is refused. */
  readonly refusesSession: () => string | null;
  /** Asked before a statement is passed on: how it fails in place of that. */
  readonly failsStatement: (text: string) => StatementFailure | null;
  /** Asked when the server has committed and the client does not know yet: true takes the acknowledgement away. */
  readonly losesAcknowledgement: (of: "commit" | "statement") => boolean;
}

export interface LinkOptions {
  readonly inner: Socket;
  readonly host: string;
  readonly port: number;
  readonly rules: LinkRules;
  readonly onClosed: () => void;
}

const writes = new Set(["INSERT", "UPDATE", "DELETE", "MERGE"]);

/** One connection of a client, and the one to the server that carries it. */
export class PostgresLink {
  readonly #inner: Socket;
  readonly #outer: Socket;
  readonly #rules: LinkRules;
  readonly #frames = new ServerFrames();
  readonly #clientFrames = new ClientFrames();
  readonly #statements: FailingStatements;
  readonly #toClient = new Line();
  readonly #toServer = new Line();
  #carriedBytes = 0;
  #hasSwallowed = false;
  #isIdle = true;
  /** Messages of a statement that writes and commits by itself: the commit is certain only when the server is ready. */
  #held: Buffer[] | null = null;
  #applicationName = "";
  /** What has come while nothing may pass. */
  readonly #waiting: (() => void)[] = [];

  constructor({ inner, host, port, rules, onClosed }: LinkOptions) {
    this.#inner = inner;
    this.#outer = connect({ host, port, noDelay: true });
    this.#rules = rules;
    this.#statements = new FailingStatements(rules.failsStatement);
    inner.setNoDelay(true);
    inner.on("data", (chunk) => {
      const frames = this.#clientFrames.push(chunk);
      const opening = frames.find(({ type }) => type === "");
      if (opening !== undefined) this.#applicationName = applicationNameOf(opening);
      this.#inTurn(() => this.#fromClient(frames));
    });
    this.#outer.on("data", (chunk) => this.#inTurn(() => this.#fromServer(chunk)));
    for (const [socket, other] of [
      [inner, this.#outer],
      [this.#outer, inner],
    ] as const) {
      socket.on("error", () => undefined);
      socket.on("end", () => this.#inTurn(() => other.end()));
      socket.on("close", () => {
        // What was sent before it went still arrives, when it may.
        this.#inTurn(() => (this.#outer === other ? other.end() : other.destroy()));
        this.#inTurn(onClosed);
      });
    }
  }

  /** What was swallowed is missing for ever, so such a link cannot be healed. */
  get hasSwallowed(): boolean {
    return this.#hasSwallowed;
  }

  /** The port that the server knows it by. */
  get port(): number | undefined {
    return this.#outer.localPort;
  }

  /** Ends it with a TCP reset on both sides. */
  reset(): void {
    this.#inner.resetAndDestroy();
    this.#outer.resetAndDestroy();
  }

  /** Lets through what was held back, once nothing holds it any more. */
  release(): void {
    if (this.#fault.kind === "hold") return;
    for (const act of this.#waiting.splice(0)) act();
  }

  get #fault(): PostgresFault {
    return this.#rules.fault(this.#applicationName);
  }

  #inTurn(act: () => void): void {
    if (this.#fault.kind === "hold") this.#waiting.push(act);
    else act();
  }

  #fromClient(frames: readonly ClientFrame[]): void {
    if (this.#swallows()) return;
    const refusal = frames.some(isSession) ? this.#rules.refusesSession() : null;
    if (refusal !== null) {
      this.#inner.end(errorFrame({ severity: "FATAL", sqlState: refusal, message: "made to be refused" }));
      return;
    }
    const passed = this.#statements.pass(frames);
    if (passed === null) return this.reset();
    const bytes = Buffer.concat(passed);
    if (bytes.length > 0) this.#toServer.send(() => this.#outer.write(bytes), this.#delayMs());
  }

  #fromServer(chunk: Buffer): void {
    if (this.#swallows()) return;
    for (const frame of this.#frames.push(chunk)) {
      if (this.#inner.destroyed) return;
      this.#carry(frame);
    }
    const fault = this.#fault;
    this.#carriedBytes += chunk.length;
    if (fault.kind === "cut_after" && this.#carriedBytes > fault.bytes) this.reset();
  }

  #swallows(): boolean {
    if (this.#fault.kind !== "blackhole") return false;
    this.#hasSwallowed = true;
    return true;
  }

  #carry(frame: ServerFrame): void {
    if (frame.type === "C") {
      const command = commandOf(frame);
      if (command === "COMMIT" && this.#rules.losesAcknowledgement("commit")) return this.reset();
      if (command === "BEGIN") this.#isIdle = false;
      else if (this.#isIdle && writes.has(command)) this.#held ??= [];
    } else if (frame.type === "E") {
      this.#release();
    } else if (frame.type === "Z") {
      this.#isIdle = isIdle(frame);
      if (this.#held !== null && this.#isIdle && this.#rules.losesAcknowledgement("statement")) return this.reset();
      this.#release();
    }
    const bytes = this.#statements.answer(frame);
    if (this.#held === null) this.#deliver(bytes);
    else this.#held.push(bytes);
  }

  #release(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const bytes of held) this.#deliver(bytes);
  }

  #deliver(bytes: Buffer): void {
    this.#toClient.send(() => this.#inner.write(bytes), this.#delayMs());
  }

  #delayMs(): number {
    const fault = this.#fault;
    return fault.kind === "latency" ? fault.delayMs : 0;
  }
}

/** Of a message without a letter: whether it asks for a session, and not for a cancel. */
function isSession({ type, bytes }: ClientFrame): boolean {
  return type === "" && bytes.readUInt16BE(4) === 3;
}

/** Does things after a delay and never in another order than it was told. */
class Line {
  readonly #waiting: { readonly dueMs: number; readonly act: () => void }[] = [];
  #timer: NodeJS.Timeout | null = null;

  send(act: () => void, delayMs: number): void {
    if (delayMs === 0 && this.#waiting.length === 0) {
      act();
      return;
    }
    this.#waiting.push({ dueMs: performance.now() + delayMs, act });
    if (this.#timer === null) this.#timer = setTimeout(() => this.#flush(), delayMs);
  }

  #flush(): void {
    this.#timer = null;
    for (;;) {
      const first = this.#waiting[0];
      if (first === undefined) return;
      const leftMs = first.dueMs - performance.now();
      if (leftMs > 0) {
        this.#timer = setTimeout(() => this.#flush(), leftMs);
        return;
      }
      this.#waiting.shift();
      first.act();
    }
  }
}
