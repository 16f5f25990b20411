/** Answer of `POST /api/v1/keys`: the only time the key itself is shown. */
export interface ApiKey {
  readonly id: string;
  readonly key: string;
}

/** Body of `POST /api/v1/keys`. Slugs; without `org` and `project` those of the caller's key. */
export interface CreateApiKeyBody {
  readonly env: string;
  readonly project?: string;
  readonly org?: string;
  readonly name?: string;
}
