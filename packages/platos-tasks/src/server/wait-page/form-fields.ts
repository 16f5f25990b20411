import { isJsonObject, type Json, type JsonObject } from "../../core/json.ts";

/** How one value is asked for. */
export type Control =
  | { readonly type: "line"; readonly inputType: "text" | "email" | "url" | "date" }
  | { readonly type: "lines" }
  | { readonly type: "number"; readonly isInteger: boolean }
  | { readonly type: "yes_no" }
  | { readonly type: "choice"; readonly options: readonly Json[] }
  | { readonly type: "choices"; readonly options: readonly Json[] }
  | { readonly type: "list" }
  | { readonly type: "json" };

export interface FormField {
  /** The property; `value` when the whole answer is one value. */
  readonly name: string;
  readonly label: string;
  readonly hint: string | null;
  readonly isRequired: boolean;
  /** Its schema allows null, which stands for no answer. */
  readonly isNullable: boolean;
  readonly control: Control;
  readonly initial: Json | undefined;
}

/** The form of an answer: one field for each property of an object, else one for the whole of it. */
export interface WaitForm {
  readonly isObject: boolean;
  readonly fields: readonly FormField[];
}

export const wholeField = "value";

const inputTypes: Readonly<Record<string, "email" | "url" | "date">> = { email: "email", uri: "url", date: "date" };
/** Longer texts get more than one line. */
const lineChars = 200;
const combining = ["anyOf", "oneOf", "allOf", "not", "if"];

/** Makes a form of a JSON Schema that may say anything; what it cannot draw is asked for as JSON. */
export function formOf(schema: JsonObject | null): WaitForm {
  const properties = schema?.["properties"];
  if (schema === null || !isJsonObject(properties) || Object.keys(properties).length === 0 || isCombined(schema)) {
    const whole = schema ?? {};
    const control: Control = schema === null ? { type: "lines" } : controlOf(schema);
    return {
      isObject: false,
      fields: [{ ...fieldOf(wholeField, whole, true), label: labelOf(whole, "Answer"), control }],
    };
  }
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  const fields = Object.entries(properties).map(([name, property]) =>
    fieldOf(name, isJsonObject(property) ? property : {}, required.includes(name)),
  );
  return { isObject: true, fields };
}

function fieldOf(name: string, schema: JsonObject, isRequired: boolean): FormField {
  const hint = schema["description"];
  return {
    name,
    label: labelOf(schema, name),
    hint: typeof hint === "string" && hint !== "" ? hint : null,
    isRequired,
    isNullable: typesOf(schema).includes("null"),
    control: controlOf(schema),
    initial: schema["default"],
  };
}

function labelOf(schema: JsonObject, name: string): string {
  const title = schema["title"];
  return typeof title === "string" && title !== "" ? title : name;
}

function controlOf(schema: JsonObject): Control {
  if (isCombined(schema)) return { type: "json" };
  const options = optionsOf(schema);
  if (options !== null) return { type: "choice", options };
  const [type, ...others] = typesOf(schema).filter((each) => each !== "null");
  if (others.length > 0) return { type: "json" };
  switch (type) {
    case "string":
      return stringControl(schema);
    case "number":
    case "integer":
      return { type: "number", isInteger: type === "integer" };
    case "boolean":
      return { type: "yes_no" };
    case "array":
      return arrayControl(schema["items"]);
    default:
      return { type: "json" };
  }
}

function stringControl({ format, maxLength }: JsonObject): Control {
  const inputType = typeof format === "string" && Object.hasOwn(inputTypes, format) ? inputTypes[format] : undefined;
  if (inputType !== undefined) return { type: "line", inputType };
  return typeof maxLength === "number" && maxLength <= lineChars
    ? { type: "line", inputType: "text" }
    : { type: "lines" };
}

function arrayControl(items: Json | undefined): Control {
  if (!isJsonObject(items) || isCombined(items)) return { type: "json" };
  const options = optionsOf(items);
  if (options !== null) return { type: "choices", options };
  const [type, ...others] = typesOf(items);
  return type === "string" && others.length === 0 ? { type: "list" } : { type: "json" };
}

function optionsOf(schema: JsonObject): readonly Json[] | null {
  if (Array.isArray(schema["enum"]) && schema["enum"].length > 0) return schema["enum"];
  return schema["const"] === undefined ? null : [schema["const"]];
}

function typesOf({ type }: JsonObject): readonly Json[] {
  if (Array.isArray(type)) return type;
  return type === undefined ? [] : [type];
}

function isCombined(schema: JsonObject): boolean {
  return combining.some((keyword) => Object.hasOwn(schema, keyword));
}

/** An option as a form sends and shows it. */
export function optionText(option: Json): string {
  return typeof option === "string" ? option : JSON.stringify(option);
}
