import type { Agent, CreateAgentBody, UpdateAgentBody } from "../agent.ts";
import { readJson } from "../connection.ts";
import type { Connection } from "../connection.ts";
import type { Page } from "../page.ts";
import { apiPath } from "../url.ts";
import type { CallOptions, PageOptions } from "./call-options.ts";

export interface AgentsApi {
  list(options?: PageOptions): Promise<Page<Agent>>;
  /** By id or slug. */
  get(agent: string, options?: CallOptions): Promise<Agent>;
  create(body: CreateAgentBody, options?: CallOptions): Promise<Agent>;
  update(agent: string, body: UpdateAgentBody, options?: CallOptions): Promise<Agent>;
}

export function agentsApi(connection: Connection): AgentsApi {
  return {
    list: ({ limit, cursor, signal } = {}) =>
      readJson(connection.send("GET", apiPath("agents"), { query: { limit, cursor }, signal })),
    get: (agent, { signal } = {}) => readJson(connection.send("GET", apiPath("agents", agent), { signal })),
    create: (body, { signal } = {}) => readJson(connection.send("POST", apiPath("agents"), { body, signal })),
    update: (agent, body, { signal } = {}) =>
      readJson(connection.send("PATCH", apiPath("agents", agent), { body, signal })),
  };
}
