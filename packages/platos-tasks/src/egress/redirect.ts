import { PlatosError } from "../core/errors.ts";
import type { UrlRules } from "./checked-url.ts";
import { checkUrl } from "./checked-url.ts";

/** One request on the way through the redirects. */
export interface Hop {
  readonly url: URL;
  readonly method: "GET" | "HEAD" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | null;
}

export interface Redirect {
  readonly status: number;
  readonly location: string;
}

/**
 * Where a redirect leads and what may go along: stricter than browsers, since here nobody watches the address bar.
 * Source: fetch.spec.whatwg.org, "HTTP-redirect fetch".
 */
export function nextHop(hop: Hop, { status, location }: Redirect, rules: UrlRules): Hop {
  const written = asWritten(location);
  const target = URL.parse(written, hop.url.href);
  const url = checkUrl(target === null ? written : target.href, rules);
  const becomesGet = hop.method === "POST" && status <= 303;
  const sameOrigin = url.origin === hop.url.origin;
  const keepsBody = hop.body !== null && !becomesGet;
  if (keepsBody && !sameOrigin) {
    throw new PlatosError(
      "tool.failed",
      `${hop.url.origin} redirects a request with a body to ${url.origin}, which could leak it. Ask ${url.origin} directly.`,
    );
  }
  return {
    url,
    method: becomesGet ? "GET" : hop.method,
    headers: sameOrigin ? hop.headers : strangerHeaders(hop.headers),
    body: keepsBody ? hop.body : null,
  };
}

/** Headers come as one character for each byte. Many servers write UTF-8 into this one, and browsers read it so. */
function asWritten(location: string): string {
  const text = Buffer.from(location, "latin1").toString("utf8");
  return text.includes("\uFFFD") ? location : text;
}

const connectionHeaders: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** The caller's headers in lower case, without those that belong to the connection. */
export function sendableHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const lowerCase = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  const kept = lowerCase.filter(([name]) => !connectionHeaders.has(name));
  return { "user-agent": "platos-tasks", ...Object.fromEntries(kept) };
}

// Keys hide in headers of any name, so another origin gets only those that cannot hold one.
const strangersMaySee: ReadonlySet<string> = new Set(["accept", "accept-language", "user-agent"]);

function strangerHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => strangersMaySee.has(name)));
}
