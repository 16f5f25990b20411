import { type Artifact, artifactUrl } from "../core/artifact.ts";
import type { JsonObject } from "../core/json.ts";

/** What a tool tells the model of an artifact: `{artifactId, name, mediaType, bytes, url}`. */
export function artifactResult(artifact: Artifact): JsonObject {
  return {
    artifactId: artifact.id,
    name: artifact.name,
    mediaType: artifact.mediaType,
    bytes: artifact.bytes,
    url: artifactUrl(artifact.id),
  };
}
