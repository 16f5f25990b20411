import type { JsonObject } from "@platos-tasks/client";
import { expect, test } from "vitest";

import { answerFields, answerOf } from "./answer-fields.ts";

const schema: JsonObject = {
  type: "object",
  properties: {
    note: { type: "string", description: "for the shop" },
    count: { type: "integer" },
    colour: { enum: ["red", 3] },
    approved: { type: "boolean", title: "May I order?" },
  },
  required: ["approved", "count"],
};

const fields = answerFields(schema) ?? [];

test("plain properties make a form, in their order", () => {
  expect(fields.map(({ label, isRequired, control }) => [label, isRequired, control.type])).toEqual([
    ["note", false, "text"],
    ["count", true, "number"],
    ["colour", false, "choice"],
    ["May I order?", true, "choice"],
  ]);
  expect(fields[0]?.hint).toBe("for the shop");
});

test("the answer has the schema's types, without what was left empty", () => {
  const texts = { approved: "No", count: " 3 ", colour: "3", note: " " };
  expect(answerOf(fields, new Map(Object.entries(texts)))).toEqual({ approved: false, count: 3, colour: 3 });
});

test("what is no number is sent as it is, for the server to refuse", () => {
  expect(answerOf(fields, new Map([["count", "many"]]))).toEqual({ count: "many" });
});

test("a name of any kind is only a name", () => {
  const odd = answerFields({ properties: { constructor: { type: "string" } } }) ?? [];
  expect(answerOf(odd, new Map())).toEqual({});
});

test("a schema that no form can ask for is answered in JSON", () => {
  expect(answerFields({ type: "string" })).toBeNull();
  expect(answerFields({ type: "object" })).toBeNull();
  expect(answerFields({ properties: {} })).toBeNull();
  expect(answerFields({ properties: { list: { type: "array" }, note: { type: "string" } } })).toBeNull();
  expect(answerFields({ properties: { either: { type: ["string", "null"] } } })).toBeNull();
});
