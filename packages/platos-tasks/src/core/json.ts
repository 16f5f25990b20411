export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

/**
 * JSON text that is equal for equal values: keys sorted, no white space (the idea of RFC 8785). Used for hashes, so a
 * model that reorders its argument keys still means the same call.
 */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  // Every sealed audit entry comes through here: one string that grows is made faster than many that are joined.
  let members = "";
  for (const key of Object.keys(value).toSorted()) {
    members += `${members === "" ? "" : ","}${JSON.stringify(key)}:${canonicalJson(value[key] ?? null)}`;
  }
  return `{${members}}`;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** How deep arrays and objects lie in one another: 0 for a plain value. Not recursive, so that no depth can end it. */
export function depthOf(value: Json): number {
  let depth = 0;
  for (let level = [value].filter(isContainer); level.length > 0; depth += 1) {
    level = level.flatMap((each): Json[] => Object.values(each)).filter(isContainer);
  }
  return depth;
}

function isContainer(value: Json): value is JsonObject | readonly Json[] {
  return typeof value === "object" && value !== null;
}

const unstorable = /\\u0000|\\ud[89a-f][0-9a-f]{2}/iu;

/**
 * Text that Postgres can hold: NUL characters and lone surrogates become U+FFFD. Well-formed text comes back unchanged.
 */
export function storableText(text: string): string {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed();
  return wellFormed.includes("\0") ? wellFormed.replaceAll("\0", "\uFFFD") : wellFormed;
}

/** Serialises a value for a `jsonb` column, with every string made storable. */
export function storableJson(value: unknown): string {
  const text = JSON.stringify(value) ?? "null";
  if (!unstorable.test(text)) return text;
  return JSON.stringify(value, (_key, member: unknown) => {
    if (typeof member === "string") return storableText(member);
    if (isJsonObject(member)) {
      return Object.fromEntries(Object.entries(member).map(([key, inner]) => [storableText(key), inner]));
    }
    return member;
  });
}
