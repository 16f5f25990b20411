import type { Connection } from "../connection.ts";
import { apiPath } from "../url.ts";
import type { CallOptions } from "./call-options.ts";

export interface ArtifactsApi {
  /** The answer itself, so that a big file can be streamed; `content-type` and `content-disposition` describe it. */
  content(artifactId: string, options?: CallOptions): Promise<Response>;
}

export function artifactsApi(connection: Connection): ArtifactsApi {
  return {
    content: (artifactId, { signal } = {}) =>
      connection.send("GET", apiPath("artifacts", artifactId), { signal, headers: { accept: "*/*" } }),
  };
}
