import type { FieldIssue } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import { type FormField, optionText, type WaitForm } from "./form-fields.ts";

/** What somebody typed, by the field's name. */
export type FormEntries = ReadonlyMap<string, readonly string[]>;

export interface FormReading {
  readonly value: Json;
  /** What could not be read; whether the value is what was asked for is for its schema to say. */
  readonly issues: readonly FieldIssue[];
}

type Read = { readonly value: Json } | { readonly issue: string } | "left_out";

/** Makes the value of a form that was sent in. Fields that are not of the form are ignored. */
export function readForm(form: WaitForm, entries: FormEntries): FormReading {
  const read = form.fields.map((field) => ({
    name: field.name,
    result: readField(field, entries.get(field.name) ?? []),
  }));
  const issues = read.flatMap(({ name, result }) =>
    result !== "left_out" && "issue" in result ? [{ path: name, message: result.issue }] : [],
  );
  const members = read.flatMap(({ name, result }): [string, Json][] =>
    result !== "left_out" && "value" in result ? [[name, result.value]] : [],
  );
  if (form.isObject) return { value: Object.fromEntries(members), issues };
  return { value: members[0]?.[1] ?? null, issues };
}

function readField(field: FormField, texts: readonly string[]): Read {
  const { control } = field;
  if (control.type === "choices") return readChoices(field, control.options, texts);
  const text = texts[0] ?? "";
  if (text.trim() === "") return nothing(field);
  switch (control.type) {
    case "line":
      return { value: text };
    case "lines":
      return { value: text.replaceAll("\r\n", "\n") };
    case "number":
      return readNumber(text);
    case "yes_no":
      return readYesNo(text);
    case "choice":
      return readChoice(control.options, text);
    case "list":
      return { value: text.split(/\r?\n/u).filter((line) => line.trim() !== "") };
    case "json":
      return readJson(text);
  }
}

function nothing({ isRequired, isNullable }: FormField): Read {
  if (isRequired && isNullable) return { value: null };
  return isRequired ? { issue: "This is needed." } : "left_out";
}

function readNumber(text: string): Read {
  const number = Number(text.trim());
  return Number.isFinite(number) ? { value: number } : { issue: "This must be a number, such as 12 or 1.5." };
}

function readYesNo(text: string): Read {
  const word = text.trim().toLowerCase();
  if (["true", "yes", "on"].includes(word)) return { value: true };
  return ["false", "no", "off"].includes(word) ? { value: false } : { issue: "Choose yes or no." };
}

function readChoice(options: readonly Json[], text: string): Exclude<Read, "left_out"> {
  const index = options.findIndex((option) => optionText(option) === text);
  return index === -1 ? { issue: "Choose one of these." } : { value: options[index] ?? null };
}

function readChoices(field: FormField, options: readonly Json[], texts: readonly string[]): Read {
  if (texts.length === 0) return field.isRequired ? { value: [] } : "left_out";
  const chosen = texts.flatMap((text) => {
    const read = readChoice(options, text);
    return "value" in read ? [read.value] : [];
  });
  return chosen.length === texts.length ? { value: chosen } : { issue: "Choose among these." };
}

function readJson(text: string): Read {
  try {
    return { value: JSON.parse(text) as Json };
  } catch {
    return { issue: 'This must be JSON, such as {"name": "value"} or "text".' };
  }
}
