import type { Json, JsonObject } from "@platos-tasks/client";

/** One question of a form. */
export interface AnswerField {
  readonly name: string;
  readonly label: string;
  readonly hint: string | null;
  readonly isRequired: boolean;
  readonly control: AnswerControl;
}

export type AnswerControl =
  | { readonly type: "text" }
  | { readonly type: "number"; readonly isInteger: boolean }
  /** Of `yes` and `no`, or of what an enum allows. */
  | { readonly type: "choice"; readonly options: readonly AnswerOption[] };

export interface AnswerOption {
  readonly text: string;
  readonly value: Json;
}

/** What was typed, by field. */
export type AnswerTexts = ReadonlyMap<string, string>;

const yesNo: readonly AnswerOption[] = [
  { text: "Yes", value: true },
  { text: "No", value: false },
];

/** A form for a schema of plain properties; null for any other schema, which is answered in JSON. */
export function answerFields(schema: JsonObject): readonly AnswerField[] | null {
  const properties = schema["properties"];
  if (!isObject(properties)) return null;
  const required = Array.isArray(schema["required"]) ? (schema["required"] as readonly Json[]) : [];
  const fields = Object.entries(properties).map(([name, property]) => fieldOf(name, property, required.includes(name)));
  return fields.length > 0 && fields.every((field) => field !== null) ? fields : null;
}

/** The answer as it stands in the form; fields left empty are left out. The server checks it against the schema. */
export function answerOf(fields: readonly AnswerField[], texts: AnswerTexts): JsonObject {
  const entries = fields.flatMap(({ name, control }) => {
    const text = texts.get(name) ?? "";
    return text.trim() === "" ? [] : [[name, valueOf(control, text)] as const];
  });
  return Object.fromEntries(entries);
}

function valueOf(control: AnswerControl, text: string): Json {
  if (control.type === "choice") return control.options.find((option) => option.text === text)?.value ?? text;
  // What is no number goes as it was typed: the server says what it wanted.
  if (control.type === "number") return Number.isFinite(Number(text)) ? Number(text) : text;
  return text;
}

function fieldOf(name: string, schema: Json, isRequired: boolean): AnswerField | null {
  const control = isObject(schema) ? controlOf(schema) : null;
  if (control === null || !isObject(schema)) return null;
  const { title, description } = schema;
  return {
    name,
    label: typeof title === "string" && title !== "" ? title : name,
    hint: typeof description === "string" && description !== "" ? description : null,
    isRequired,
    control,
  };
}

function controlOf(schema: JsonObject): AnswerControl | null {
  const allowed = schema["enum"];
  if (Array.isArray(allowed)) {
    const values: readonly Json[] = allowed;
    return { type: "choice", options: values.map((value) => ({ text: optionText(value), value })) };
  }
  switch (schema["type"]) {
    case "string":
      return { type: "text" };
    case "number":
      return { type: "number", isInteger: false };
    case "integer":
      return { type: "number", isInteger: true };
    case "boolean":
      return { type: "choice", options: yesNo };
    default:
      return null;
  }
}

function optionText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
