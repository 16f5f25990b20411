import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Cluster } from "./cluster.ts";
import { removeConnectionFile, writeConnectionFile } from "./connection-file.ts";
import { connectionStringOf, embeddedHost, writeCredentials } from "./credentials.ts";
import { obtainPostmaster, type Postmaster } from "./obtain-postmaster.ts";
import { isProcessRunning } from "./postmaster-pid-file.ts";
import { createDatabase, probeDatabase } from "./probe-database.ts";
import { boundServerLog } from "./server-log.ts";
import { stopPostmaster } from "./stop-postmaster.ts";
import type { SupervisorLock } from "./supervisor-lock.ts";

const watchMs = 250;
const boundLogMs = 600_000;
const restartPauseMs = 5000;

/** A running database and the watch over it: when it dies, it is started again on the same port, until `stop()`. */
export class SupervisedPostgres {
  readonly connectionString: string;
  readonly attached: boolean;
  readonly #cluster: Cluster;
  readonly #lock: SupervisorLock;
  readonly #stopping = new AbortController();
  #postmaster: Postmaster;
  #watch: NodeJS.Timeout;
  #logBoundAt = performance.now();
  #restarting: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;

  static async start(cluster: Cluster, lock: SupervisorLock): Promise<SupervisedPostgres> {
    const postmaster = await obtainPostmaster(cluster, { signal: new AbortController().signal });
    try {
      await openForUse(cluster, postmaster);
    } catch (error) {
      await stopPostmaster(cluster, postmaster.pid);
      throw error;
    }
    const { pid, port, attached } = postmaster;
    cluster.log.info(attached ? "adopted the running embedded database" : "the embedded database runs", { pid, port });
    return new SupervisedPostgres(cluster, lock, postmaster);
  }

  private constructor(cluster: Cluster, lock: SupervisorLock, postmaster: Postmaster) {
    this.#cluster = cluster;
    this.#lock = lock;
    this.#postmaster = postmaster;
    this.attached = postmaster.attached;
    this.connectionString = connectionStringOf(cluster.credentials, postmaster.port);
    this.#watch = setInterval(() => this.#look(), watchMs).unref();
    this.#lookWhenItExits();
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    clearInterval(this.#watch);
    this.#stopping.abort();
    await this.#restarting;
    await stopPostmaster(this.#cluster, this.#postmaster.pid);
    await removeConnectionFile(this.#cluster.location.postgresDir);
    await this.#lock.release();
    this.#cluster.log.info("the embedded database stopped");
  }

  /** Our own child says when it ends; an adopted database must be looked at. */
  #lookWhenItExits(): void {
    void this.#postmaster.exited?.then(() => this.#look());
  }

  #look(): void {
    if (this.#stopping.signal.aborted || this.#restarting !== undefined) return;
    if (!isProcessRunning(this.#postmaster.pid)) {
      this.#restarting = this.#restart().finally(() => {
        this.#restarting = undefined;
      });
      return;
    }
    if (performance.now() - this.#logBoundAt < boundLogMs) return;
    this.#logBoundAt = performance.now();
    void boundServerLog(join(this.#cluster.location.postgresDir, "postgres.log")).catch(() => undefined);
  }

  /** Never gives up: a disk that was full may have room again. */
  async #restart(): Promise<void> {
    const { log } = this.#cluster;
    const { signal } = this.#stopping;
    log.warn("the embedded database ended by itself; starting it again", { pid: this.#postmaster.pid });
    while (!signal.aborted) {
      try {
        this.#postmaster = await obtainPostmaster(this.#cluster, { fixedPort: this.#postmaster.port, signal });
        this.#lookWhenItExits();
        await openForUse(this.#cluster, this.#postmaster);
        log.info("the embedded database runs again", { pid: this.#postmaster.pid });
        return;
      } catch (error) {
        if (signal.aborted) return;
        log.error("the embedded database could not be started again; trying on", { error: String(error) });
        await delay(restartPauseMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }
}

/** Makes our database if this is the first time, and tells others on this machine where it is. */
async function openForUse(cluster: Cluster, postmaster: Postmaster): Promise<void> {
  const { credentials, location } = cluster;
  const target = { credentials, port: postmaster.port, dataDir: location.dataDir };
  if ((await probeDatabase(target)).state === "no_database") await createDatabase(target);
  if (credentials.port !== postmaster.port) {
    await writeCredentials(location.dataDir, { ...credentials, port: postmaster.port }, location.account);
  }
  const { user, password, database } = credentials;
  await writeConnectionFile(location.postgresDir, {
    host: embeddedHost,
    port: postmaster.port,
    user,
    password,
    database,
    pid: postmaster.pid,
    supervisorPid: process.pid,
  });
}
