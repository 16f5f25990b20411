import type { ApiKey, CreateApiKeyBody } from "../api-key.ts";
import { readJson } from "../connection.ts";
import type { Connection } from "../connection.ts";
import { apiPath } from "../url.ts";
import type { CallOptions } from "./call-options.ts";

export interface KeysApi {
  create(body: CreateApiKeyBody, options?: CallOptions): Promise<ApiKey>;
}

export function keysApi(connection: Connection): KeysApi {
  return {
    create: (body, { signal } = {}) => readJson(connection.send("POST", apiPath("keys"), { body, signal })),
  };
}
