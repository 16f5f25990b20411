export interface Artifact {
  readonly id: string;
  readonly threadId: string;
  readonly bgoId: string | null;
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly createdAt: Date;
}

/** Where it is downloaded, relative to the server. */
export function artifactUrl(artifactId: string): string {
  return `/api/v1/artifacts/${artifactId}`;
}
