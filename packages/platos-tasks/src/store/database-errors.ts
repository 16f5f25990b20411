import { PlatosError } from "../core/errors.ts";

/** SQLSTATE classes that say: the database is away or cannot take writes now; nothing is wrong with the statement. */
const unavailableStates = /^(?:08|57P0[1-5]|53|25006$|25P0[34]$|57014$|3D000$|55P03$|58)/u; // connection, shutdown, resources, read-only, time-outs, I/O

const diskFull = "53100";

/** Two transactions stood in each other's way; nothing was committed, so the whole one may simply run again. */
const contentionStates = new Set(["40001", "40P01"]);

const lostConnection =
  /connection (?:terminated|ended|timeout)|timeout exceeded when trying to connect|query read timeout|connection error|client was closed|socket/iu;

const socketErrors = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOENT",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "EAI_AGAIN",
]);

function codeOf(error: unknown): string {
  if (typeof error !== "object" || error === null || !("code" in error)) return "";
  return typeof error.code === "string" ? error.code : "";
}

export function isContention(error: unknown): boolean {
  return contentionStates.has(codeOf(error));
}

/** Whether a row was refused because a unique index holds its like already. */
export function isTaken(error: unknown, index: string): boolean {
  return codeOf(error) === "23505" && (error as { constraint?: unknown }).constraint === index;
}

export function isUnavailable(error: unknown): boolean {
  if (PlatosError.is(error)) return error.code === "store.unavailable";
  const code = codeOf(error);
  if (unavailableStates.test(code) || socketErrors.has(code)) return true;
  return code === "" && error instanceof Error && lostConnection.test(error.message);
}

/** Errors of the connection become typed ones, and those that passed by no retry; a bug or a constraint stays as it is. */
export function asStoreError(error: unknown): unknown {
  if (PlatosError.is(error)) return error;
  if (isContention(error)) return unavailable("Others kept changing the same rows. Try again shortly.", error);
  if (codeOf(error) === diskFull) {
    return unavailable(
      "The disk of the database is full, so nothing can be saved. Make room on it; then try again.",
      error,
    );
  }
  if (isUnavailable(error)) return unavailable("The database cannot be reached right now. Try again shortly.", error);
  return error;
}

function unavailable(message: string, cause: unknown): PlatosError {
  return new PlatosError("store.unavailable", message, { cause, retryable: true, retryAfterMs: 2000 });
}

export function commitUnknown(error: unknown): PlatosError {
  return new PlatosError(
    "store.commit_unknown",
    "The connection to the database was lost while committing, so whether it was saved is not known. Look it up before trying again.",
    { cause: error, retryable: true, retryAfterMs: 2000 },
  );
}
