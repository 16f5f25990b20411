/** The type itself in lower case, without parameters; of a header sent twice the first. Empty when there is none. */
export function essence(contentType: string | undefined): string {
  const type =
    /^[^;,]*/u
      .exec(contentType ?? "")?.[0]
      .trim()
      .toLowerCase() ?? "";
  return /^[^\s/]+\/[^\s/]+$/u.test(type) ? type : "";
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

export function isXmlMediaType(contentType: string): boolean {
  return /^(?:text|application)\/xml$|\+xml$/u.test(essence(contentType));
}

export function isHtmlMediaType(contentType: string): boolean {
  const type = essence(contentType);
  return type === "text/html" || type === "application/xhtml+xml";
}
