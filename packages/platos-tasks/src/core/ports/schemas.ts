import type { FieldIssue } from "../errors.ts";
import type { Json, JsonObject } from "../json.ts";

/** Checks values against JSON Schemas that came from outside. */
export interface Schemas {
  /** What is wrong with the schema itself; empty when values can be checked against it. */
  problems(schema: JsonObject): readonly FieldIssue[];
  /** What is wrong with the value; empty when it fits. */
  check(schema: JsonObject, value: Json): readonly FieldIssue[];
}
