import type { Artifact } from "../../core/artifact.ts";
import type { Scope } from "../../core/scope.ts";
import type { Executor } from "../database.ts";

export interface ArtifactRow {
  readonly id: string;
  readonly thread_id: string;
  readonly bgo_id: string | null;
  readonly name: string;
  readonly media_type: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly created_at: Date;
}

export const artifactColumns = "id, thread_id, bgo_id, name, media_type, bytes, sha256, created_at";
export function artifactOf(row: ArtifactRow): Artifact {
  return {
    id: row.id,
    threadId: row.thread_id,
    bgoId: row.bgo_id,
    name: row.name,
    mediaType: row.media_type,
    bytes: row.bytes,
    sha256: row.sha256,
    createdAt: row.created_at,
  };
}

const listOfBgoText = `
  select ${artifactColumns} from platos.artifacts where bgo_id = $1 and env_id = $2 order by created_at, id`;

export async function listArtifactsOfBgo(
  executor: Executor,
  scope: Scope,
  bgoId: string,
): Promise<readonly Artifact[]> {
  const { rows } = await executor.query<ArtifactRow & Record<string, unknown>>(listOfBgoText, [bgoId, scope.envId]);
  return rows.map(artifactOf);
}
