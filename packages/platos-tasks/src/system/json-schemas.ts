import { z } from "zod";
import type { FieldIssue } from "../core/errors.ts";
import { isJsonObject, type Json } from "../core/json.ts";
import type { Schemas } from "../core/ports/schemas.ts";

/** Patterns from outside could keep the process busy for ever, references could name anything. */
const refusedKeywords = new Set(["pattern", "patternProperties", "$ref", "$dynamicRef", "$defs", "definitions"]);

export const jsonSchemas: Schemas = {
  problems(schema) {
    const refused = [...keywordsOf(schema)].filter((keyword) => refusedKeywords.has(keyword));
    if (refused.length > 0) return refused.map((keyword) => ({ path: "schema", message: `${keyword} is not allowed` }));
    try {
      z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
      return [];
    } catch (error) {
      return [{ path: "schema", message: error instanceof Error ? error.message : "not a JSON Schema" }];
    }
  },
  check(schema, value) {
    const result = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]).safeParse(value);
    if (result.success) return [];
    return result.error.issues.map((issue): FieldIssue => ({ path: issue.path.join("."), message: issue.message }));
  },
};

/** Names of properties are no keywords. */
function* keywordsOf(schema: Json): Generator<string> {
  if (Array.isArray(schema)) for (const member of schema) yield* keywordsOf(member);
  if (!isJsonObject(schema)) return;
  for (const [keyword, value] of Object.entries(schema)) {
    yield keyword;
    const inner = keyword === "properties" && isJsonObject(value) ? Object.values(value) : value;
    if (keyword !== "enum" && keyword !== "const" && keyword !== "default" && keyword !== "examples") {
      yield* keywordsOf(inner);
    }
  }
}
