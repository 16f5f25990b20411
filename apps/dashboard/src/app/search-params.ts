/** What a page's URL says after the question mark: every value a string, lists as `a,b`, so that people can read it. */
export type SearchParams = Readonly<Record<string, unknown>>;

export function parseSearch(text: string): Record<string, string> {
  const params: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, value] of new URLSearchParams(text)) params[name] = value;
  return params;
}

/** The inverse of {@link parseSearch}: lists become `a,b`; what is absent or empty is left out. */
export function stringifySearch(search: SearchParams): string {
  const pairs = Object.entries(search).flatMap(([name, value]) => {
    const text = Array.isArray(value) ? value.join(",") : textOf(value);
    return text === "" ? [] : [`${encodeURIComponent(name)}=${encode(text)}`];
  });
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
}

function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

/** Commas, colons and slashes are safe in a query and are left readable. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll("%2C", ",").replaceAll("%3A", ":").replaceAll("%2F", "/");
}
