import type { IdKind } from "../ids.ts";

/** Everything random or hashed comes from here, so that operations stay deterministic under test. */
export interface Identity {
  newId(kind: IdKind): string;
  /** An id for a segment; a UUID of version 7, because the engine's job id is a UUID. */
  newSegmentId(): string;
  /** An unguessable secret: `bytes` random bytes in base64url. */
  newSecret(bytes: number): string;
  /** Lower-case hex. */
  sha256(text: string): string;
}
