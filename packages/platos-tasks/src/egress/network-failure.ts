import { PlatosError } from "../core/errors.ts";

const wording: Readonly<Record<string, string>> = {
  ECONNREFUSED: "it refuses connections",
  ECONNRESET: "it closed the connection",
  EHOSTUNREACH: "it cannot be reached",
  ENETUNREACH: "it cannot be reached",
  ENOTFOUND: "the name does not exist",
  EAI_AGAIN: "the name could not be looked up",
  EPIPE: "it closed the connection",
  ETIMEDOUT: "it did not answer in time",
  UND_ERR_CONNECT_TIMEOUT: "it did not answer in time",
  UND_ERR_HEADERS_TIMEOUT: "it did not answer in time",
  UND_ERR_BODY_TIMEOUT: "it stopped sending",
  UND_ERR_SOCKET: "it closed the connection",
  UND_ERR_HEADERS_OVERFLOW: "its headers are too large",
};

const permanent: ReadonlySet<string> = new Set(["ENOTFOUND", "UND_ERR_HEADERS_OVERFLOW"]);

/**
 * Words a failed request for a model to read. Only the host that was asked for is named: what the socket's error says
 * would give away inner addresses. Errors that are ours already come back as they are.
 */
export function networkFailure(origin: string, error: unknown): PlatosError {
  const chain = causesOf(error);
  const own = chain.find((link) => PlatosError.is(link));
  if (own !== undefined) return own;
  const code = chain.map(codeOf).findLast((found) => found !== null) ?? "unknown";
  const tls = code.startsWith("ERR_TLS") || code.includes("CERT") || code.startsWith("ERR_SSL");
  const known = wording[code] ?? (tls ? "its TLS certificate or connection is not valid" : "the network failed");
  const retryable = !tls && !permanent.has(code);
  const advice = retryable ? "Try again later or use another source." : "Check the address or use another source.";
  return new PlatosError("tool.failed", `Could not get ${origin}: ${known} (${code}). ${advice}`, {
    cause: error,
    retryable,
  });
}

function causesOf(error: unknown): readonly unknown[] {
  const chain: unknown[] = [];
  let link = error;
  while (link instanceof Error && chain.length < 8) {
    chain.push(link);
    // When several addresses were tried, the last attempt speaks for all.
    link = link instanceof AggregateError ? link.errors.at(-1) : link.cause;
  }
  return chain;
}

function codeOf(error: unknown): string | null {
  const code: unknown = error instanceof Error && "code" in error ? error.code : null;
  return typeof code === "string" ? code : null;
}
