/** The tenant a row belongs to. Every query carries one; it comes from the caller's key, never from a body. */
export interface Scope {
  readonly orgId: string;
  readonly projectId: string;
  readonly envId: string;
}
