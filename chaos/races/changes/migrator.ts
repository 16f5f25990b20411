import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("migrator-process.ts", import.meta.url));

/** A process that migrates a database when it is told to, and may be killed meanwhile. */
export class Migrator {
  /** Settles with the names of what it applied; null when it died before it was done. */
  readonly done: Promise<readonly string[] | null>;
  readonly #child: ChildProcess;

  static async start(connectionString: string): Promise<Migrator> {
    const child = fork(program, [connectionString], { execArgv: ["--conditions=platos-source"] });
    await Promise.race([
      once(child, "message"),
      once(child, "exit").then(([code]) => Promise.reject(new Error(`A migrator did not start: ${String(code)}.`))),
    ]);
    return new Migrator(child);
  }

  private constructor(child: ChildProcess) {
    this.#child = child;
    const told = once(child, "message").then(([applied]) => applied as readonly string[]);
    const gone = once(child, "exit").then(() => null);
    this.done = Promise.race([told, gone]);
  }

  go(): void {
    this.#child.send("go", () => undefined);
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }
}
