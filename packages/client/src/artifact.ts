/** A file that a BGO made. */
export interface Artifact {
  readonly id: string;
  readonly threadId: string;
  readonly bgoId: string | null;
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly createdAt: string;
}
