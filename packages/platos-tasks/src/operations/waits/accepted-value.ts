import { approvalSubject, parseDecision } from "../../core/approval.ts";
import { limits } from "../../core/caps.ts";
import { PlatosError } from "../../core/errors.ts";
import { depthOf, type Json, storableText } from "../../core/json.ts";
import type { WaitpointRow } from "../../core/ports/store.ts";
import { textOfReply, waitLimits } from "../../core/waitpoint.ts";
import type { OperationContext } from "../context.ts";

/**
 * The value with which a waitpoint is completed, made of what came in, by its kind. Errors: `input.invalid` and
 * `request.too_large`; the wait stays open.
 */
export function acceptedValue(ctx: OperationContext, waitpoint: WaitpointRow, value: Json): Json {
  refuseHuge(value);
  switch (waitpoint.kind) {
    case "token":
      return fittingValue(ctx, waitpoint, value);
    case "reply":
      return { text: replyText(value), messageId: null };
    case "time":
      return ctx.clock.now().toISOString();
    case "bgo":
      throw new PlatosError(
        "input.invalid",
        "This waits for the end of another BGO, which answers it. Cancel that one, or fail this wait with a reason.",
      );
    case "approval":
      checkDecision(ctx, waitpoint, value);
      return value;
  }
}

/** Everything else that looks at a value goes down into it. */
export function refuseDeep(value: Json): Json {
  if (depthOf(value) <= waitLimits.valueDepth) return value;
  throw refused(`The answer is more than ${waitLimits.valueDepth} levels deep. It was not taken.`, "too deep");
}

function refuseHuge(value: Json): void {
  if (JSON.stringify(value).length <= waitLimits.valueBytes) return;
  throw new PlatosError(
    "request.too_large",
    `An answer may have ${waitLimits.valueBytes} characters. Make this one smaller; it is still open.`,
  );
}

function fittingValue(ctx: OperationContext, { schema }: WaitpointRow, value: Json): Json {
  const issues = schema === null ? [] : ctx.schemas.check(schema, value);
  if (issues.length === 0) return value;
  const list = issues.map(({ path, message }) => `${path === "" ? "value" : path}: ${message}`).join("; ");
  throw new PlatosError(
    "input.invalid",
    `The answer does not have the form that was asked for: ${list}. It is still open.`,
    { issues },
  );
}

function replyText(value: Json): string {
  const text = textOfReply(value);
  if (text === null) throw refused("A reply is text, or {text}. It is still open.", "no text");
  if (text.length > limits.messageChars) {
    throw refused(`A reply may have ${limits.messageChars} characters. It is still open.`, "too long");
  }
  return storableText(text);
}

function refused(message: string, issue: string): PlatosError {
  return new PlatosError("input.invalid", message, { issues: [{ path: "value", message: issue }] });
}

/** An approval is given for the very arguments that were shown, and edited ones must be such as the tool takes. */
function checkDecision(ctx: OperationContext, waitpoint: WaitpointRow, value: Json): void {
  const decision = parseDecision(value);
  if (decision === null) throw noDecision();
  const { argsHash, args, call } = waitpoint;
  const stored = ctx.identity.sha256(approvalSubject(call?.tool ?? "", args));
  if (stored !== argsHash || (decision.argsHash !== undefined && decision.argsHash !== argsHash))
    throw otherArguments();
  if (decision.decision === "approve" && decision.args !== undefined) fittingValue(ctx, waitpoint, decision.args);
}

function noDecision(): PlatosError {
  return new PlatosError(
    "input.invalid",
    'An approval takes {"decision":"approve"}, with args to run it with others, or {"decision":"deny","reason":"…"}. It is still open.',
    { issues: [{ path: "decision", message: "approve or deny" }] },
  );
}

function otherArguments(): PlatosError {
  return new PlatosError(
    "input.invalid",
    "This was decided for other arguments than those that are asked for. Look at it again. It is still open.",
    { issues: [{ path: "argsHash", message: "not the hash of what is asked for" }] },
  );
}
