import type { Artifact } from "../artifact.ts";
import type { Scope } from "../scope.ts";

export interface NewArtifact {
  readonly threadId: string;
  readonly bgoId: string | null;
  /** Saving again under the same key gives back the first artifact. */
  readonly key: string;
  readonly name: string;
  readonly mediaType: string;
  readonly content: Uint8Array;
}

/** Files that BGOs make. Row and content commit together; at most 20 MB each. */
export interface ArtifactStore {
  /** Throws `segment.superseded` when the BGO whose file it is has ended. */
  save(scope: Scope, artifact: NewArtifact): Promise<Artifact>;
  /** Null when there is none in this scope. */
  read(scope: Scope, id: string): Promise<{ readonly artifact: Artifact; readonly content: Uint8Array } | null>;
}
