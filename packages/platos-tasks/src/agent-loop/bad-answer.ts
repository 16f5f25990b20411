/**
 * `cut`: the answer ended without an end mark. `tool_json`: arguments that are not whole JSON, or too deep. `empty`:
 * neither text nor calls. `too_long`: the output limit was reached before anything was said. `slow`: no sign of life
 * for too long.
 */
export type BadAnswerKind = "cut" | "tool_json" | "empty" | "too_long" | "slow" | "deadline";

/** A try that ended without an answer that may be used, found on our side of the wire. */
export class BadAnswer extends Error {
  override readonly name = "BadAnswer";
  readonly kind: BadAnswerKind;

  /** `message` completes the sentence "openai:gpt-5 did not answer: …". */
  constructor(kind: BadAnswerKind, message: string) {
    super(message);
    this.kind = kind;
  }
}
