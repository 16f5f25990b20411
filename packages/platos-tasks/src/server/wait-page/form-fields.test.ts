import fc from "fast-check";
import { expect, test } from "vitest";
import { verifies } from "../../../../../spec/verifies.ts";
import type { Json, JsonObject } from "../../core/json.ts";
import { type Control, formOf, optionText } from "./form-fields.ts";
import { readForm } from "./read-form.ts";

const controlOf = (schema: JsonObject): Control | undefined =>
  formOf({ type: "object", properties: { it: schema } }).fields[0]?.control;

test.each<[schema: JsonObject, control: Control]>([
  [{ type: "string" }, { type: "lines" }],
  [
    { type: "string", maxLength: 80 },
    { type: "line", inputType: "text" },
  ],
  [
    { type: "string", format: "email" },
    { type: "line", inputType: "email" },
  ],
  [{ type: "string", format: "constructor" }, { type: "lines" }],
  [{ type: "integer" }, { type: "number", isInteger: true }],
  [{ type: ["number", "null"] }, { type: "number", isInteger: false }],
  [{ type: "boolean" }, { type: "yes_no" }],
  [{ enum: ["a", 1, null] }, { type: "choice", options: ["a", 1, null] }],
  [{ const: "a" }, { type: "choice", options: ["a"] }],
  [{ type: "array", items: { type: "string" } }, { type: "list" }],
  [
    { type: "array", items: { enum: ["a"] } },
    { type: "choices", options: ["a"] },
  ],
  [{ type: "array", items: { type: "object" } }, { type: "json" }],
  [{ type: "array" }, { type: "json" }],
  [{ type: "object", properties: { a: { type: "string" } } }, { type: "json" }],
  [{ anyOf: [{ type: "string" }, { type: "number" }] }, { type: "json" }],
  [{ type: ["string", "number"] }, { type: "json" }],
  [{}, { type: "json" }],
])("%j is asked for in the form that fits it", (schema, control) => {
  verifies("P21.a");
  expect(controlOf(schema)).toEqual(control);
});

test("fields come in the order of the schema, whatever is required", () => {
  const properties = { d: {}, a: {}, c: {}, b: {} };
  const names = formOf({ properties, required: ["b", "d"] }).fields.map(({ name }) => name);
  expect(names).toEqual(["d", "a", "c", "b"]);
});

test("an empty field is left out, is null where that is allowed, or is asked for again", () => {
  const schema = {
    properties: { free: { type: "string" }, none: { type: ["string", "null"] }, needed: { type: "string" } },
    required: ["none", "needed"],
  };
  expect(readForm(formOf(schema), new Map([["free", [""]]]))).toEqual({
    value: { none: null },
    issues: [{ path: "needed", message: "This is needed." }],
  });
});

test("a form can be made of any schema, and any value of an enum comes back as it is", () => {
  verifies("P21.a");
  const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as Json);
  const keywords = fc.constantFrom("type", "properties", "items", "enum", "required", "default", "title", "format");
  fc.assert(
    fc.property(
      fc.dictionary(keywords, json),
      fc.uniqueArray(json, { minLength: 1, selector: optionText }),
      (any, options) => {
        for (const schema of [
          any,
          { properties: { it: any } },
          { properties: { it: { type: "array", items: any } } },
        ]) {
          expect(formOf(schema).fields.length).toBeGreaterThan(0);
        }
        const form = formOf({ enum: options });
        for (const option of options.filter((each) => optionText(each).trim() !== "")) {
          expect(readForm(form, new Map([["value", [optionText(option)]]]))).toEqual({ value: option, issues: [] });
        }
      },
    ),
  );
});
