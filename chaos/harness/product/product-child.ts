import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { GoMessage, ProductMessage } from "./product-messages.ts";

const program = fileURLToPath(new URL("product-process.ts", import.meta.url));
const outputChars = 8000;

export interface ProductExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of what it had printed. */
  readonly output: string;
}

export interface ProductChildOptions {
  readonly role: "server" | "worker";
  /** Its environment besides the role and a log of errors only: `DATABASE_URL`, `CHAOS_SINK_URL` and the like. */
  readonly env: Readonly<Record<string, string>>;
  /** True: it loads its code and waits for {@link ProductChild.go}. */
  readonly waits?: boolean;
}

/** A process of the product, started at once. */
export class ProductChild {
  /** Settles when it serves or works; rejects with what it has printed if it ends before. */
  readonly ready: Promise<{ readonly url: string | null }>;
  readonly exited: Promise<ProductExit>;
  /** Owners by segment, of the deliveries that it has begun and not ended. */
  readonly held: ReadonlyMap<string, string>;
  /** Hears what it says; set before it is told to go. */
  onMessage: (message: ProductMessage) => void = () => undefined;
  readonly #child: ChildProcess;
  #output = "";
  #isReady = false;
  #isAlive = true;

  constructor({ role, env, waits = false }: ProductChildOptions) {
    this.#child = spawn(process.execPath, ["--conditions=platos-source", program], {
      env: {
        PATH: process.env["PATH"] ?? "",
        PLATOS_ROLE: role,
        PLATOS_LOG_LEVEL: "error",
        ...(waits ? { CHAOS_WAITS: "1" } : {}),
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    const ready = Promise.withResolvers<{ readonly url: string | null }>();
    this.ready = ready.promise;
    // Whoever does not wait for it hears of its end.
    this.ready.catch(() => undefined);
    const held = new Map<string, string>();
    this.held = held;
    this.#child.on("message", (message: ProductMessage) => {
      if (message.kind === "ready") {
        this.#isReady = true;
        ready.resolve({ url: message.url });
      }
      if (message.kind === "delivery") {
        if (message.phase === "begun") held.set(message.segmentId, message.ownerId);
        else held.delete(message.segmentId);
      }
      this.onMessage(message);
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (piece: Buffer) => {
        this.#output = (this.#output + piece.toString()).slice(-outputChars);
      });
    }
    // "close" comes after everything it had sent was read; what it sent last is not lost.
    this.exited = once(this.#child, "close").then(([code, signal]) => {
      this.#isAlive = false;
      ready.reject(new Error(`A ${role} did not start: ${this.#output}`));
      return { code: code as number | null, signal: signal as NodeJS.Signals | null, output: this.#output };
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }
  get isReady(): boolean {
    return this.#isReady && this.#isAlive;
  }
  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** The end of what it has printed so far. */
  get output(): string {
    return this.#output;
  }

  /** Lets one that waits begin, with this environment besides its own. */
  go(env: Readonly<Record<string, string>>): void {
    const message: GoMessage = { kind: "go", env };
    this.#child.send(message, () => undefined);
  }

  /** Tells it to end, or ends it, and waits until it is gone. */
  end(signal: "SIGTERM" | "SIGKILL"): Promise<ProductExit> {
    this.signal(signal);
    return this.exited;
  }

  signal(signal: NodeJS.Signals): void {
    if (this.#isAlive) this.#child.kill(signal);
  }
}
