/** The type itself in lower case, without parameters; empty when there is none. */
export function essence(contentType: string | undefined): string {
  return (contentType ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

const textTypes: ReadonlySet<string> = new Set([
  "application/ecmascript",
  "application/graphql",
  "application/javascript",
  "application/json",
  "application/ndjson",
  "application/sql",
  "application/toml",
  "application/x-ndjson",
  "application/x-sh",
  "application/x-yaml",
  "application/xml",
  "application/yaml",
]);

/** True for media types whose content is text for a reader: `text/*`, JSON, XML, YAML and their kin. */
export function isTextMediaType(contentType: string): boolean {
  const type = essence(contentType);
  return type.startsWith("text/") || textTypes.has(type) || /\+(?:json|xml|yaml)$/u.test(type);
}

export function isHtmlMediaType(contentType: string): boolean {
  const type = essence(contentType);
  return type === "text/html" || type === "application/xhtml+xml";
}
