import { join } from "node:path";
import { silentLog } from "../../packages/platos-tasks/src/core/ports/log.ts";
import { Database } from "../../packages/platos-tasks/src/store/database.ts";
import { freePort } from "../../packages/platos-tasks/src/store/embedded-postgres/free-port.ts";
import { ApiCaller, throwawayKey } from "../harness/outside/api-caller.ts";
import { opened, temporaryFolder } from "../harness/closing.ts";
import { type CrashingPostgres, startCrashingPostgres } from "../harness/postgres/crashing-postgres.ts";
import { type PostgresProxy, startPostgresProxy } from "../harness/postgres/postgres-proxy.ts";
import { ProductChild } from "../harness/product/product-child.ts";
import { mountSmallDisk, type SmallDisk } from "./small-disk.ts";
import { startWorkerModel, type WorkerModel } from "./worker-model.ts";

/** A process of the product behind a proxy of its own. */
export interface Place {
  readonly name: string;
  readonly proxy: PostgresProxy;
  readonly child: ProductChild;
}

export interface WorkerPlace extends Place {
  readonly model: WorkerModel;
}

export interface OutageScene {
  readonly postgres: CrashingPostgres;
  /** What looks at the end, and nobody disturbs. */
  readonly database: Database;
  /** Null where none was wanted, or nobody lets us mount one. */
  readonly disk: SmallDisk | null;
  readonly server: Place;
  readonly workers: readonly WorkerPlace[];
  readonly api: ApiCaller;
}

const workerNames = ["worker 1", "worker 2"];
const diskMegabytes = 320;
const settings = {
  // What the processes need and some for those who look.
  max_connections: "70",
  // The log of changes must leave room on the small disk.
  max_wal_size: "96MB",
  min_wal_size: "32MB",
};

/** A server and two workers, real processes, on a Postgres of their own; on a disk that can be filled if that is wanted. */
export async function setUpOutages(
  closing: AsyncDisposableStack,
  { onSmallDisk }: { readonly onSmallDisk: boolean },
): Promise<OutageScene> {
  const folder = await temporaryFolder(closing, "outages");
  const disk = onSmallDisk ? await mountSmallDisk(diskMegabytes) : null;
  if (disk !== null) closing.defer(() => disk.close());
  const home = disk === null ? {} : { homeDir: disk.dir };
  const postgres = await opened(closing, () => startCrashingPostgres({ settings, ...home }));
  const port = await freePort();
  const start = async (name: string, env: Readonly<Record<string, string>>): Promise<Place> => {
    const proxy = await opened(closing, () => startPostgresProxy(postgres.connectionString));
    const child = new ProductChild({
      role: name === "server" ? "server" : "worker",
      env: {
        DATABASE_URL: proxy.url,
        PLATOS_HOME: folder,
        PLATOS_MODEL: "openai-compatible:stub",
        PLATOS_WORKER_CONCURRENCY: "10",
        NODE_COMPILE_CACHE: join(folder, "compiled"),
        ...env,
      },
    });
    closing.defer(async () => void (await child.end("SIGKILL")));
    await child.ready;
    return { name, proxy, child };
  };
  // Alone it makes the schema, and the secret that all of them share.
  const server = await start("server", { PORT: String(port), PLATOS_API_KEY: throwawayKey });
  const workers = await Promise.all(
    workerNames.map(async (name) => {
      const model = await opened(closing, () => startWorkerModel(name));
      return { ...(await start(name, { OPENAI_COMPATIBLE_BASE_URL: model.baseUrl })), model };
    }),
  );
  const { connectionString } = postgres;
  const database = new Database({ connectionString, poolSize: 2, log: silentLog });
  closing.defer(() => database.close());
  return { postgres, database, disk, server, workers, api: new ApiCaller(`http://127.0.0.1:${port}`, throwawayKey) };
}
