import { html } from "hono/html";
import type { FieldIssue } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import type { WaitpointRow } from "../../core/ports/store.ts";
import { approvalButtons, approvalFacts } from "./approval.ts";
import { type FormField, optionText, type WaitForm } from "./form-fields.ts";
import { type Html, nothing, pageFrame } from "./page-frame.ts";
import type { FormEntries } from "./read-form.ts";

/** What was sent in and refused: it stands in the form again, with what is wrong. */
export interface Refusal {
  readonly entries: FormEntries;
  readonly issues: readonly FieldIssue[];
}

interface DrawnField {
  readonly field: FormField;
  readonly id: string;
  readonly texts: readonly string[];
  readonly error: string | null;
  readonly isFocused: boolean;
}

/** The page on which a waitpoint is answered. It works without any script. */
export function formPage(waitpoint: WaitpointRow, form: WaitForm, refusal: Refusal | null): Html {
  const isApproval = waitpoint.kind === "approval";
  const title = isApproval ? "Your approval is asked for" : "A question for you";
  const drawn = isApproval ? [] : drawnFields(form, refusal);
  const others = (refusal?.issues ?? []).filter((issue) => !drawn.some(({ field }) => isOf(issue, field, form)));
  return pageFrame({
    title: refusal === null ? title : `Not sent yet: ${title}`,
    content: html`<h1>${title}</h1>
      ${waitpoint.question === null ? nothing : html`<p class="asked" dir="auto">${waitpoint.question}</p>`}
      ${isApproval ? approvalFacts(waitpoint) : nothing} ${refusal === null ? nothing : errorSummary(drawn, others)}
      <form method="post" autocomplete="off" novalidate>
        ${drawn.map(fieldset)} ${isApproval ? approvalButtons(waitpoint) : html`<button type="submit">Send</button>`}
      </form>
      <p class="small">
        This can be answered once, until
        <time datetime="${waitpoint.dueAt.toISOString()}">${readableTime(waitpoint.dueAt)}</time>. Whoever has the link
        can answer: share it only with those who should.
      </p>`,
  });
}

function drawnFields(form: WaitForm, refusal: Refusal | null): DrawnField[] {
  const errors = form.fields.map((field) => refusal?.issues.find((issue) => isOf(issue, field, form))?.message ?? null);
  const firstWrong = errors.findIndex((error) => error !== null);
  return form.fields.map((field, index) => ({
    field,
    id: `field-${index}`,
    texts: refusal === null ? initialTexts(field) : (refusal.entries.get(field.name) ?? []),
    error: errors[index] ?? null,
    isFocused: index === firstWrong,
  }));
}

function isOf({ path }: FieldIssue, { name }: FormField, { isObject }: WaitForm): boolean {
  return !isObject || path === name || path.startsWith(`${name}.`);
}

function errorSummary(drawn: readonly DrawnField[], others: readonly FieldIssue[]): Html {
  const wrong = drawn.filter(({ error }) => error !== null);
  return html`<div class="errors" role="alert">
    <strong>Nothing was sent yet. Please look again:</strong>
    <ul>
      ${wrong.map(({ field, id, error }) => html`<li><a href="#${id}">${field.label}</a>: ${error}</li>`)}
      ${others.map(({ message }) => html`<li>${message}</li>`)}
    </ul>
  </div>`;
}

function initialTexts({ initial, control }: FormField): readonly string[] {
  if (initial === undefined || initial === null) return [];
  if (Array.isArray(initial) && control.type === "choices") return initial.map(optionText);
  if (Array.isArray(initial) && control.type === "list") return [initial.map(optionText).join("\n")];
  return [control.type === "json" ? JSON.stringify(initial, null, 2) : optionText(initial)];
}

function fieldset(drawn: DrawnField): Html {
  const { field, id, error } = drawn;
  const { control } = field;
  const label = html`${field.label}${field.isRequired ? nothing : html` <span class="small">(optional)</span>`}`;
  const notes = html`${hintOf(drawn)} ${error === null ? nothing : html`<p class="error" id="${id}-error">${error}</p>`}`;
  if (control.type === "yes_no" || control.type === "choice" || control.type === "choices") {
    return html`<fieldset class="field" ${description(drawn)}>
      <legend>${label}</legend>
      ${notes} ${options(drawn)}
    </fieldset>`;
  }
  return html`<div class="field">
    <label for="${id}">${label}</label>
    ${notes} ${input(drawn)}
  </div>`;
}

function hintText({ hint, control }: FormField): string | null {
  const how = control.type === "list" ? "One on each line." : control.type === "json" ? "As JSON." : null;
  const text = [hint, how].filter((each) => each !== null).join(" ");
  return text === "" ? null : text;
}

function hintOf({ field, id }: DrawnField): Html {
  const text = hintText(field);
  return text === null ? nothing : html`<p class="hint" id="${id}-hint" dir="auto">${text}</p>`;
}

/** Names what else there is to read about a field, if there is anything. */
function description({ field, id, error }: DrawnField): Html {
  const ids = [...(error === null ? [] : [`${id}-error`]), ...(hintText(field) === null ? [] : [`${id}-hint`])];
  return ids.length === 0 ? nothing : html`aria-describedby="${ids.join(" ")}"`;
}

/** What every control says of itself. */
function marks(drawn: DrawnField): Html {
  const { id, field, error, isFocused } = drawn;
  return html`id="${id}" name="${field.name}" ${description(drawn)} ${field.isRequired ? html`required` : nothing}
  ${error === null ? nothing : html`aria-invalid="true"`} ${isFocused ? html`autofocus` : nothing}`;
}

function input(drawn: DrawnField): Html {
  const { control } = drawn.field;
  const text = drawn.texts[0] ?? "";
  if (control.type === "line") return html`<input type="${control.inputType}" value="${text}" ${marks(drawn)} />`;
  if (control.type === "number") {
    const mode = control.isInteger ? "numeric" : "decimal";
    return html`<input type="text" inputmode="${mode}" value="${text}" ${marks(drawn)} />`;
  }
  const isCode = control.type === "json";
  // A line break right behind the opening tag is not part of the text.
  return html`<textarea class="${isCode ? "code" : ""}" ${marks(drawn)}>${"\n"}${text}</textarea>`;
}

function options(drawn: DrawnField): Html[] {
  const { field, id, texts, error, isFocused } = drawn;
  const kind = field.control.type === "choices" ? "checkbox" : "radio";
  return optionsOf(field).map(
    ({ value, words }, index) =>
      html`<label class="option"
        ><input
          type="${kind}"
          id="${index === 0 ? id : `${id}-${index}`}"
          name="${field.name}"
          value="${value}"
          ${texts.includes(value) ? html`checked` : nothing}
          ${error === null ? nothing : html`aria-invalid="true"`}
          ${isFocused && index === 0 ? html`autofocus` : nothing}
        /><span dir="auto">${words}</span></label
      >`,
  );
}

function optionsOf({ control, isRequired }: FormField): readonly { readonly value: string; readonly words: string }[] {
  const choices: readonly Json[] = "options" in control ? control.options : [true, false];
  const options = choices.map((choice) => {
    const value = optionText(choice);
    return { value, words: control.type !== "yes_no" ? value : choice === true ? "Yes" : "No" };
  });
  // One of a group cannot be taken back otherwise.
  const none = isRequired || control.type === "choices" ? [] : [{ value: "", words: "No answer" }];
  return [...options, ...none];
}

function readableTime(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
