import { agentsApi } from "./api/agents.ts";
import type { AgentsApi } from "./api/agents.ts";
import { artifactsApi } from "./api/artifacts.ts";
import type { ArtifactsApi } from "./api/artifacts.ts";
import { bgosApi } from "./api/bgos.ts";
import type { BgosApi } from "./api/bgos.ts";
import type { CallOptions } from "./api/call-options.ts";
import { keysApi } from "./api/keys.ts";
import type { KeysApi } from "./api/keys.ts";
import { schedulesApi } from "./api/schedules.ts";
import type { SchedulesApi } from "./api/schedules.ts";
import { sessionApi } from "./api/session.ts";
import type { SessionApi } from "./api/session.ts";
import { threadsApi } from "./api/threads.ts";
import type { ThreadsApi } from "./api/threads.ts";
import { waitpointsApi } from "./api/waitpoints.ts";
import type { WaitpointsApi } from "./api/waitpoints.ts";
import { createConnection, readJson } from "./connection.ts";
import type { ConnectionOptions } from "./connection.ts";
import type { Readiness } from "./readiness.ts";
import { subscribe } from "./subscribe.ts";
import type { SubscribeOptions } from "./subscribe.ts";

export interface PlatosClient {
  readonly agents: AgentsApi;
  readonly threads: ThreadsApi;
  readonly bgos: BgosApi;
  readonly waitpoints: WaitpointsApi;
  readonly schedules: SchedulesApi;
  readonly artifacts: ArtifactsApi;
  readonly keys: KeysApi;
  readonly session: SessionApi;
  /** `GET /readyz`; not being ready is an answer here, not an error. */
  ready(options?: CallOptions): Promise<Readiness>;
  /** Follows topics until the signal is aborted or the server refuses. */
  subscribe(options: SubscribeOptions): Promise<void>;
}

/** All calls throw `PlatosApiError`, which carries the server's problem document. */
export function createClient(options: ConnectionOptions): PlatosClient {
  const connection = createConnection(options);
  return {
    agents: agentsApi(connection),
    threads: threadsApi(connection),
    bgos: bgosApi(connection),
    waitpoints: waitpointsApi(connection),
    schedules: schedulesApi(connection),
    artifacts: artifactsApi(connection),
    keys: keysApi(connection),
    session: sessionApi(connection),
    ready: ({ signal } = {}) => readJson(connection.send("GET", "/readyz", { signal, accept: [503] })),
    subscribe: (subscription) => subscribe(connection, subscription),
  };
}
