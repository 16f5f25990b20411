import { createHash } from "node:crypto";
import type { Artifact } from "../core/artifact.ts";
import { limits } from "../core/caps.ts";
import { PlatosError } from "../core/errors.ts";
import { storableText } from "../core/json.ts";
import type { ArtifactStore, NewArtifact } from "../core/ports/artifacts.ts";
import type { Identity } from "../core/ports/identity.ts";
import type { Scope } from "../core/scope.ts";
import type { Database, Executor } from "./database.ts";
import { activeStatusList } from "./queries/active-statuses.ts";
import { type ArtifactRow, artifactColumns, artifactOf } from "./queries/artifacts.ts";
import { scopeColumns, scopeValues } from "./queries/scope-columns.ts";

// Small enough that reading one row never needs a huge buffer in the database process.
const chunkBytes = 512 * 1024;

const insertText = `
  insert into platos.artifacts (id, ${scopeColumns}, thread_id, bgo_id, key, name, media_type, bytes, sha256)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
  on conflict (env_id, key) do nothing returning ${artifactColumns}`;

export interface PostgresArtifactsOptions {
  readonly database: Database;
  readonly identity: Identity;
}

/** Artifacts in Postgres, in chunks, so that they commit and are backed up with everything else. */
export function createPostgresArtifacts({ database, identity }: PostgresArtifactsOptions): ArtifactStore {
  const find = async (condition: string, values: readonly unknown[]): Promise<Artifact | null> => {
    const text = `select ${artifactColumns} from platos.artifacts where ${condition}`;
    const { rows } = await database.query<ArtifactRow & Record<string, unknown>>(text, values);
    return rows[0] === undefined ? null : artifactOf(rows[0]);
  };
  return {
    async save(scope, artifact) {
      refuseTooLarge(artifact);
      const inserted = await insert(database, scope, { ...artifact, id: identity.newId("artifact") });
      const saved = inserted ?? (await find("env_id = $1 and key = $2", [scope.envId, artifact.key]));
      if (saved === null) throw new Error("An artifact was neither inserted nor found by its key.");
      return saved;
    },
    async read(scope, id) {
      const artifact = await find("env_id = $1 and id = $2", [scope.envId, storableText(id)]);
      if (artifact === null) return null;
      const { rows } = await database.query<{ content: Buffer }>(
        "select content from platos.artifact_chunks where artifact_id = $1 order by no",
        [artifact.id],
      );
      return { artifact, content: Buffer.concat(rows.map((row) => row.content)) };
    },
  };
}

function refuseTooLarge({ name, content }: NewArtifact): void {
  if (content.byteLength <= limits.artifactBytes) return;
  throw new PlatosError(
    "artifact.too_large",
    `${name} has ${content.byteLength} bytes; an artifact may have ${limits.artifactBytes}. Split it or make it smaller.`,
  );
}

async function insert(
  database: Database,
  scope: Scope,
  artifact: NewArtifact & { readonly id: string },
): Promise<Artifact | null> {
  return database.transaction(async (tx) => {
    const { rows } = await tx.query<ArtifactRow & Record<string, unknown>>(insertText, [
      artifact.id,
      ...scopeValues(scope),
      artifact.threadId,
      artifact.bgoId,
      artifact.key,
      storableText(artifact.name),
      storableText(artifact.mediaType),
      artifact.content.byteLength,
      createHash("sha256").update(artifact.content).digest("hex"),
    ]);
    if (rows[0] === undefined) return null;
    const content = Buffer.from(artifact.content.buffer, artifact.content.byteOffset, artifact.content.byteLength);
    for (let no = 0, from = 0; from < content.length; no += 1, from += chunkBytes) {
      await tx.query("insert into platos.artifact_chunks (artifact_id, no, content) values ($1, $2, $3)", [
        artifact.id,
        no,
        content.subarray(from, from + chunkBytes),
      ]);
    }
    if (artifact.bgoId !== null) await expectLive(tx, scope, { threadId: artifact.threadId, bgoId: artifact.bgoId });
    return artifactOf(rows[0]);
  });
}

const lockThreadText = "select id from platos.threads where id = $1 and env_id = $2 for no key update";
const isLiveText = `
  select id from platos.platos_tasks where id = $1 and env_id = $2 and status in (${activeStatusList})`;

/**
 * A BGO ends under its thread's lock, with the files it has by then: one that is saved later would belong to nothing. Asked
 * last, so that nobody waits for the lock while the content is sent.
 */
async function expectLive(
  tx: Executor,
  scope: Scope,
  { threadId, bgoId }: { readonly threadId: string; readonly bgoId: string },
): Promise<void> {
  // Sent together, run in this order: the look sees what the lock's last holder has committed.
  const [, live] = await Promise.all([
    tx.query(lockThreadText, [threadId, scope.envId]),
    tx.query(isLiveText, [bgoId, scope.envId]),
  ]);
  if (live.rows.length > 0) return;
  throw new PlatosError("segment.superseded", `${bgoId} has ended, so no file of it is kept any more.`);
}
