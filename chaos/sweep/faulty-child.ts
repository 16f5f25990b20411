import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Caller } from "../../packages/platos-tasks/src/operations/context.ts";
import type { Failpoint } from "../failpoints/failpoint.ts";
import type { SeenPoint } from "../failpoints/failpoint-gate.ts";
import type { ClientAnswer, ClientRequest } from "./client-request.ts";
import { type FaultyCommand, type FaultyReply, type ProductAddresses, reachedFd } from "./faulty-messages.ts";

const program = fileURLToPath(new URL("faulty-process.ts", import.meta.url));

const closeMs = 10_000;
const thawMs = 200;

/** The process is dead, frozen or held: whoever waits for it must go elsewhere. */
export class ProcessLost extends Error {}

/** A client's request was refused by the product. */
export class Refused extends Error {
  readonly retryable: boolean;
  constructor(message: string, retryable: boolean) {
    super(message);
    this.retryable = retryable;
  }
}

type Waiter = PromiseWithResolvers<FaultyReply>;

/** The supervisor's end of one `faulty-process`. */
export class FaultyChild {
  readonly exited: Promise<void>;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<string, Waiter>();
  #reached = Promise.withResolvers<void>();
  #isAlive = true;
  #hasReached = false;
  #output = "";
  #asks = 0;

  /** `cacheDir`: where compiled modules are kept for the next process, which starts in half the time. */
  constructor(cacheDir: string) {
    this.#child = fork(program, [], {
      env: { ...process.env, NODE_COMPILE_CACHE: cacheDir },
      execArgv: ["--conditions=platos-source", "--disable-warning=ExperimentalWarning"],
      stdio: ["ignore", "pipe", "pipe", "pipe", "ipc"],
    });
    this.#child.on("message", (reply: FaultyReply) => this.#hear(reply));
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (piece: Buffer) => (this.#output = (this.#output + piece.toString()).slice(-2000)));
    }
    this.#child.stdio[reachedFd]?.on("data", () => {
      this.#hasReached = true;
      this.#reached.resolve();
    });
    this.exited = once(this.#child, "close").then(() => {
      this.#isAlive = false;
      for (const [key, waiter] of this.#waiting)
        waiter.reject(new ProcessLost(`The process ended before "${key}" was answered. ${this.#output}`));
      this.#waiting.clear();
    });
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }
  get hasReached(): boolean {
    return this.#hasReached;
  }
  /** Settles when the failpoint is about to act. */
  get reached(): Promise<void> {
    return this.#reached.promise;
  }

  async open(addresses: ProductAddresses, failpoint: Failpoint | null): Promise<void> {
    this.#reached = Promise.withResolvers<void>();
    this.#hasReached = false;
    await this.#command({ kind: "open", addresses, failpoint }, "opened");
  }

  async work(): Promise<void> {
    await this.#command({ kind: "work" }, "working");
  }

  /** Gives where it answers HTTP. */
  async serve(): Promise<string> {
    const reply = await this.#command({ kind: "serve" }, "serving");
    if (reply.kind !== "serving") throw new Error(`An order to serve was answered with "${reply.kind}".`);
    return reply.url;
  }

  async ask(caller: Caller, request: ClientRequest): Promise<ClientAnswer> {
    this.#asks += 1;
    const askId = this.#asks;
    const reply = await this.#command({ kind: "ask", askId, caller, request }, `ask ${askId}`);
    if (reply.kind === "answered") return reply.answer;
    if (reply.kind === "refused") throw new Refused(reply.refusal.message, reply.refusal.retryable);
    throw new Error(`A question was answered with "${reply.kind}".`);
  }

  release(): void {
    this.#send({ kind: "release" });
  }

  /** Stops the product inside, which gives back what it holds; the process stays. What it passed is handed out. */
  async close(graceMs: number): Promise<readonly SeenPoint[]> {
    const closed = this.#command({ kind: "close", graceMs }, "closed");
    // On a busy machine the signal to go on may come before the one to freeze, and would be lost.
    const thaw = setInterval(() => this.signal("SIGCONT"), thawMs);
    const reply = await Promise.race([closed, delay(closeMs + graceMs, null)]).finally(() => clearInterval(thaw));
    if (reply === null) {
      closed.catch(() => undefined);
      await this.end();
      throw new Error("The process did not stop in order.");
    }
    return reply.kind === "closed" ? reply.seen : [];
  }

  signal(signal: NodeJS.Signals): void {
    if (this.#isAlive) this.#child.kill(signal);
  }

  async end(): Promise<void> {
    this.signal("SIGKILL");
    await this.exited;
  }

  #hear(reply: FaultyReply): void {
    if (reply.kind === "broken") {
      for (const waiter of this.#waiting.values()) waiter.reject(new Error(reply.message));
      this.#waiting.clear();
      return;
    }
    const key = "askId" in reply ? `ask ${reply.askId}` : reply.kind;
    this.#waiting.get(key)?.resolve(reply);
    this.#waiting.delete(key);
  }

  #command(command: FaultyCommand, answeredBy: string): Promise<FaultyReply> {
    if (!this.#isAlive) return Promise.reject(new ProcessLost("The process has ended."));
    const waiter: Waiter = Promise.withResolvers<FaultyReply>();
    this.#waiting.set(answeredBy, waiter);
    this.#send(command);
    return waiter.promise;
  }

  #send(command: FaultyCommand): void {
    // Dead meanwhile: whoever waits for an answer is told by the exit.
    if (this.#child.connected) this.#child.send(command, () => undefined);
  }
}
