import { connect, type Socket } from "node:net";
import { commandOf, isIdle, type ServerFrame, ServerFrames } from "./postgres-frames.ts";

/** What a proxy does to everything that passes, until it is told otherwise. */
export type PostgresFault =
  | { readonly kind: "pass" }
  | { readonly kind: "latency"; readonly delayMs: number }
  /** Says nothing and lets nothing through, in both directions. */
  | { readonly kind: "blackhole" }
  /** Resets every link once it has carried so many bytes from the server. */
  | { readonly kind: "cut_after"; readonly bytes: number };

export interface LinkRules {
  readonly fault: () => PostgresFault;
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
  readonly #toClient = new Line();
  readonly #toServer = new Line();
  #carriedBytes = 0;
  #hasSwallowed = false;
  #isIdle = true;
  /** Messages of a statement that writes and commits by itself: the commit is certain only when the server is ready. */
  #held: Buffer[] | null = null;

  constructor({ inner, host, port, rules, onClosed }: LinkOptions) {
    this.#inner = inner;
    this.#outer = connect({ host, port, noDelay: true });
    this.#rules = rules;
    inner.setNoDelay(true);
    inner.on("data", (chunk) => this.#fromClient(chunk));
    this.#outer.on("data", (chunk) => this.#fromServer(chunk));
    for (const [socket, other] of [
      [inner, this.#outer],
      [this.#outer, inner],
    ] as const) {
      socket.on("error", () => other.destroy());
      socket.on("end", () => other.end());
      socket.on("close", () => {
        other.destroy();
        onClosed();
      });
    }
  }

  /** What was swallowed is missing for ever, so such a link cannot be healed. */
  get hasSwallowed(): boolean {
    return this.#hasSwallowed;
  }

  /** Ends it with a TCP reset on both sides. */
  reset(): void {
    this.#inner.resetAndDestroy();
    this.#outer.resetAndDestroy();
  }

  #fromClient(chunk: Buffer): void {
    if (this.#swallows()) return;
    this.#toServer.send(() => this.#outer.write(chunk), this.#delayMs());
  }

  #fromServer(chunk: Buffer): void {
    if (this.#swallows()) return;
    for (const frame of this.#frames.push(chunk)) {
      if (this.#inner.destroyed) return;
      this.#carry(frame);
    }
    const fault = this.#rules.fault();
    this.#carriedBytes += chunk.length;
    if (fault.kind === "cut_after" && this.#carriedBytes > fault.bytes) this.reset();
  }

  #swallows(): boolean {
    if (this.#rules.fault().kind !== "blackhole") return false;
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
    if (this.#held === null) this.#deliver(frame.bytes);
    else this.#held.push(frame.bytes);
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
    const fault = this.#rules.fault();
    return fault.kind === "latency" ? fault.delayMs : 0;
  }
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
