import { PlatosError, type ErrorCode } from "../core/errors.ts";
import { isJsonObject } from "../core/json.ts";
import { BadAnswer } from "./bad-answer.ts";
import { keyVariables, splitModelName } from "./providers.ts";
import { retryAfterMsOf } from "./retry-after.ts";

/** What one failed try means. */
export interface ModelFailure {
  /** Completes "openai:gpt-5 …", for people and for the log. */
  readonly what: string;
  readonly status: number | null;
  readonly retryAfterMs: number | null;
  /** How often it may be tried in all; 1 when trying again at once cannot help. */
  readonly maxTries: number;
  /** Trying again later may help. */
  readonly retryable: boolean;
  /** A whole answer took too long to arrive: ask for a stream from now on. */
  readonly tooSlow: boolean;
  /** Thrown when it is not tried again. */
  readonly code: ErrorCode;
  /** What to do about it. */
  readonly advice: string;
}

export interface FailureContext {
  /** `provider:model`. */
  readonly model: string;
  readonly secrets: readonly string[];
  readonly nowMs: number;
}

/** Reads whatever a provider, the network or our own checks threw. Total: never throws. */
export function readFailure(error: unknown, context: FailureContext): ModelFailure {
  if (error instanceof BadAnswer) return readBadAnswer(error);
  const seen = inspect(error);
  const said = providerWords(seen.message, context.secrets);
  const { status } = seen;
  if (seen.name === "AI_LoadAPIKeyError") {
    return { ...final("has no key"), code: "model.key_missing", advice: keyAdvice(context) };
  }
  if (seen.name === "AI_NoSuchModelError") {
    return { ...final("does not exist"), code: "model.not_found", advice: "Check the model's name." };
  }
  if (status !== null && (isRefusal(status) || seen.code === "insufficient_quota")) {
    return { ...final(`answered ${status}: ${said}`), status, ...refusalOf(status, seen.code, context) };
  }
  if (isOurMistake(seen))
    return { ...final(`could not be asked: ${said}`), advice: "Report this with the worker's log." };
  return {
    ...passing(status !== null && status >= 400 ? `answered ${status}: ${said}` : `failed: ${said}`),
    status,
    retryAfterMs: retryAfterMsOf(seen.headers, context.nowMs),
    tooSlow: seen.timedOut || (status !== null && [408, 504, 524].includes(status)),
  };
}

/** A failure that trying again will not mend. */
function final(what: string): ModelFailure {
  return {
    what,
    status: null,
    retryAfterMs: null,
    maxTries: 1,
    retryable: false,
    tooSlow: false,
    code: "model.failed",
    advice: "",
  };
}

function passing(what: string): ModelFailure {
  return { ...final(what), maxTries: Number.POSITIVE_INFINITY, retryable: true, advice: "Try again later." };
}

function readBadAnswer({ kind, message }: BadAnswer): ModelFailure {
  const what = `did not answer: ${message}`;
  if (kind === "too_long") return { ...final(what), advice: "Ask for less at once or use another model." };
  if (kind === "deadline") return { ...passing(what), maxTries: 1 };
  return { ...passing(what), ...(kind === "empty" ? { maxTries: 2 } : {}), tooSlow: kind === "slow" };
}

function isRefusal(status: number): boolean {
  return status >= 400 && status < 500 && ![408, 409, 425, 429].includes(status);
}

function refusalOf(
  status: number,
  code: string | null,
  context: FailureContext,
): Pick<ModelFailure, "advice"> & Partial<Pick<ModelFailure, "code">> {
  if (code === "content_filter" || code === "content_policy_violation") {
    return { code: "model.refused", advice: "Change the request or the model." };
  }
  if (status === 401 || status === 403) return { advice: keyAdvice(context) };
  if (status === 402 || status === 429) return { advice: "Check the account's credit with the provider." };
  if (status === 404) return { code: "model.not_found", advice: "Check the model's name and the server's address." };
  return { advice: "Check that the model takes tools and that the conversation fits into its context." };
}

function keyAdvice({ model }: FailureContext): string {
  const [provider] = splitModelName(model);
  const variable = Object.entries(keyVariables).find(([name]) => name === provider)?.[1] ?? "the provider's key";
  return `Check ${variable} and what it may be used for.`;
}

interface Inspected {
  readonly name: string;
  readonly message: string;
  readonly status: number | null;
  readonly code: string | null;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly timedOut: boolean;
}

/** Errors of the AI SDK's call and stream, and plain error objects that some providers put into a stream. */
function inspect(error: unknown): Inspected {
  const object: Record<string, unknown> = typeof error === "object" && error !== null ? { ...error } : {};
  const data = isJsonObject(object["data"]) ? object["data"] : {};
  const inner = isJsonObject(data["error"]) ? data["error"] : data;
  const name = error instanceof Error ? error.name : "";
  const status = statusIn(object["statusCode"]);
  const message = error instanceof Error ? error.message : (object["message"] ?? error);
  const told = status !== null && status < 400 ? errorInBody(object["responseBody"]) : null;
  return {
    name,
    message: told ?? (typeof message === "string" ? message : "no reason given"),
    status,
    code: textIn(inner["code"]) ?? textIn(object["code"]),
    headers: isJsonObject(object["responseHeaders"]) ? object["responseHeaders"] : {},
    timedOut: causeCodes(error).some((code) => code === "UND_ERR_HEADERS_TIMEOUT" || code === "UND_ERR_BODY_TIMEOUT"),
  };
}

/** Some say that all is well, and in the body that it is not. */
function errorInBody(body: unknown): string | null {
  if (typeof body !== "string") return null;
  try {
    const parsed: unknown = JSON.parse(body);
    return isJsonObject(parsed) && isJsonObject(parsed["error"]) ? textIn(parsed["error"]["message"]) : null;
  } catch {
    return null;
  }
}

function statusIn(value: unknown): number | null {
  return typeof value === "number" && value >= 100 ? value : null;
}

function textIn(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function causeCodes(error: unknown): string[] {
  const codes: string[] = [];
  let current = error;
  for (let depth = 0; depth < 5 && current instanceof Error; depth += 1) {
    if ("code" in current && typeof current.code === "string") codes.push(current.code);
    current = current.cause;
  }
  return codes;
}

const wireErrors = [
  "AI_APICallError",
  "AI_EmptyResponseBodyError",
  "AI_InvalidResponseDataError",
  "AI_JSONParseError",
  "AI_NoContentGeneratedError",
  "AI_TypeValidationError",
];

// Every other error of the SDK, and every error of the language, says that a request could not even be made.
function isOurMistake({ name, status, timedOut }: Inspected): boolean {
  if (status !== null || timedOut || name === "" || wireErrors.includes(name)) return false;
  return name.startsWith("AI_") || ["RangeError", "ReferenceError", "SyntaxError", "TypeError"].includes(name);
}

const keyPatterns = /\b(?:sk|pk|rk|key)-[\w-]{6,}|\bAIza[\w-]{10,}|\bBearer\s+\S+/gu;
const maxWordsChars = 300;

/** A provider's own message, made safe to store and show: one line, no keys, not long. */
function providerWords(message: string, secrets: readonly string[]): string {
  let words = message;
  for (const secret of secrets) if (secret.length >= 6) words = words.replaceAll(secret, "[key]");
  words = words
    .replaceAll(keyPatterns, "[key]")
    .replaceAll(/[\s\p{Cc}]+/gu, " ")
    .trim();
  if (words === "") return "no reason given";
  return words.length > maxWordsChars ? `${words.slice(0, maxWordsChars - 1)}…` : words;
}

/** The error that is thrown once a failure is not tried again. */
export function failureError(model: string, failure: ModelFailure, tries: number): PlatosError {
  const often = tries > 1 ? ` (${tries} tries)` : "";
  const stop = /[.!?…]$/u.test(failure.what) ? "" : ".";
  const text = `${model} ${failure.what}${stop}${often} ${failure.advice}`.trim();
  return new PlatosError(failure.code, text, {
    retryable: failure.retryable,
    ...(failure.retryAfterMs === null ? {} : { retryAfterMs: failure.retryAfterMs }),
  });
}
