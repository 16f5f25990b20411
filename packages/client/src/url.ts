export type QueryValue = string | number | readonly string[] | undefined;

export type Query = Readonly<Record<string, QueryValue>>;

/** A path below `baseUrl` with its query; lists become `a,b`, absent and empty values are left out. */
export function buildUrl(baseUrl: string, path: string, query: Query = {}): string {
  const pairs = Object.entries(query).flatMap(([name, value]) => {
    const text = Array.isArray(value) ? value.map(encodeURIComponent).join(",") : encodeURIComponent(String(value));
    return value === undefined || text === "" ? [] : [`${encodeURIComponent(name)}=${text}`];
  });
  const base = baseUrl.replace(/\/+$/u, "");
  return pairs.length === 0 ? `${base}${path}` : `${base}${path}?${pairs.join("&")}`;
}

/** A path of fixed words and ids, each id made safe: `path("threads", id, "messages")` under `/api/v1`. */
export function apiPath(...segments: readonly string[]): string {
  return `/api/v1/${segments.map(encodeURIComponent).join("/")}`;
}
