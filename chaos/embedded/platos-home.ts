import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deleteEmbeddedPostgres } from "../../packages/platos-tasks/src/store/embedded-postgres/delete-embedded-postgres.ts";
import { freePort } from "../../packages/platos-tasks/src/store/embedded-postgres/free-port.ts";
import { readPostmasterNote } from "../../packages/platos-tasks/src/store/embedded-postgres/postmaster-pid-file.ts";
import { runProgram } from "../../packages/platos-tasks/src/store/embedded-postgres/run-program.ts";
import { until, watch } from "../harness/until.ts";
import { ApiCaller, throwawayKey } from "../harness/outside/api-caller.ts";
import { PlatosProcess } from "./platos-process.ts";
import { processesNaming } from "./processes-naming.ts";

type Environment = Readonly<Record<string, string>>;

const goneSoon = { withinMs: 30_000, everyMs: 20 } as const;

/** A temporary `PLATOS_HOME` with a port of its own, and every process that was started on it. */
export class PlatosHome {
  readonly dir: string;
  readonly port: number;
  readonly api: ApiCaller;
  readonly #env: Environment;
  readonly #processes = new Set<PlatosProcess>();
  #isMounted = false;
  #removed: Promise<void> | undefined;

  /**
   * An empty one, removed with `closing` at the latest. `env` is what its processes are given besides the folder, the
   * port and the key.
   */
  static async make(env: Environment, closing: AsyncDisposableStack): Promise<PlatosHome> {
    if (closing.disposed) throw new Error("There is no time left for another home.");
    const dir = await mkdtemp(join(tmpdir(), "platos-embedded-"));
    // When root runs this, the user it lends to Postgres must get through.
    await chmod(dir, 0o711);
    const home = new PlatosHome(dir, await freePort(), env);
    closing.defer(() => home.remove());
    return home;
  }

  private constructor(dir: string, port: number, env: Environment) {
    this.dir = dir;
    this.port = port;
    this.api = new ApiCaller(`http://127.0.0.1:${port}`, throwawayKey);
    this.#env = {
      PATH: process.env["PATH"] ?? "",
      PLATOS_HOME: dir,
      PORT: String(port),
      PLATOS_API_KEY: throwawayKey,
      PLATOS_LOG_LEVEL: "error",
      ...env,
    };
  }

  get postgresDir(): string {
    return join(this.dir, "postgres");
  }
  get dataDir(): string {
    return join(this.postgresDir, "data");
  }

  start(env: Environment = {}): PlatosProcess {
    // Who is told to stop in the middle of a trial takes the homes away under it.
    if (this.#removed !== undefined) throw new Error(`${this.dir} is gone.`);
    const started = new PlatosProcess({ ...this.#env, ...env });
    this.#processes.add(started);
    return started;
  }

  /** The process id in Postgres' own note; null when there is none. */
  async postmasterPid(): Promise<number | null> {
    return (await readPostmasterNote(this.dataDir))?.pid ?? null;
  }

  /** Everything in it, with owners and modes, as a backup of the stopped folder is made and put back. */
  async copyTo(other: PlatosHome): Promise<void> {
    const { code, output } = await runProgram("cp", ["-a", `${this.dir}/.`, other.dir], { env: process.env });
    if (code !== 0) throw new Error(`${this.dir} could not be copied: ${output}`);
  }

  /** Gives the folder a small disk of its own. False where that is not allowed. */
  async mountDisk(megabytes: number): Promise<boolean> {
    const options = `size=${megabytes}m,mode=0711`;
    const { code } = await runProgram("mount", ["-t", "tmpfs", "-o", options, "tmpfs", this.dir], { env: process.env });
    this.#isMounted ||= code === 0;
    return code === 0;
  }

  async resizeDisk(megabytes: number): Promise<void> {
    const args = ["-o", `remount,size=${megabytes}m`, this.dir];
    const { code, output } = await runProgram("mount", args, { env: process.env });
    if (code !== 0) throw new Error(`The disk of ${this.dir} could not be resized: ${output}`);
  }

  /** Ends every process of this home by its id, and deletes the folder. May be called more than once. */
  remove(): Promise<void> {
    this.#removed ??= this.#remove();
    return this.#removed;
  }

  async #remove(): Promise<void> {
    for (const started of this.#processes) await started.kill();
    await this.endPrograms();
    await deleteEmbeddedPostgres({ homeDir: this.dir });
    if (this.#isMounted) await this.#unmount();
    await rm(this.dir, { recursive: true, force: true });
  }

  /** Postgres and initdb outlive whoever started them. */
  async endPrograms(): Promise<void> {
    const haveEnded = async (): Promise<boolean> => {
      const pids = await processesNaming(this.dir);
      for (const pid of pids) killIfThere(pid);
      return pids.length === 0;
    };
    await until(`the processes of ${this.dir} to end`, haveEnded, goneSoon);
  }

  /** What worked there may still be on its way out. */
  async #unmount(): Promise<void> {
    const { code, output } = await watch(
      () => runProgram("umount", [this.dir], { env: process.env }),
      (end) => end.code === 0,
      goneSoon,
    );
    if (code !== 0) throw new Error(`${this.dir} could not be unmounted: ${output}`);
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has just ended.
  }
}
