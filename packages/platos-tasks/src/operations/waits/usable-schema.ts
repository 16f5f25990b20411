import { type FieldIssue, PlatosError } from "../../core/errors.ts";
import { depthOf, type JsonObject } from "../../core/json.ts";
import type { Schemas } from "../../core/ports/schemas.ts";
import { waitLimits } from "../../core/waitpoint.ts";

/** The schema, if answers can be checked against it. Errors: `input.invalid`. */
export function usableSchema(schemas: Schemas, schema: JsonObject): JsonObject {
  // Before anything walks through it.
  if (depthOf(schema) > waitLimits.valueDepth)
    throw refused("it is too deep", [{ path: "schema", message: "too deep" }]);
  const issues = schemas.problems(schema);
  const tooLong = JSON.stringify(schema).length > waitLimits.schemaBytes;
  if (issues.length === 0 && !tooLong) return schema;
  const what = tooLong
    ? `it has more than ${waitLimits.schemaBytes} characters`
    : issues.map((i) => i.message).join("; ");
  throw refused(what, issues.length > 0 ? issues : [{ path: "schema", message: "too long" }]);
}

function refused(what: string, issues: readonly FieldIssue[]): PlatosError {
  return new PlatosError(
    "input.invalid",
    `The schema cannot be used: ${what}. Use plain types, properties, enum, required.`,
    { issues },
  );
}
