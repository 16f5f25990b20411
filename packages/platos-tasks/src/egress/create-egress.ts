import type { Response } from "undici";
import { PlatosError } from "../core/errors.ts";
import { parseAllowList } from "./allow-list.ts";
import type { UrlRules } from "./checked-url.ts";
import { checkUrl } from "./checked-url.ts";
import type { Egress, EgressRequest, EgressResponse } from "./egress.ts";
import type { GuardedClient } from "./guarded-client.ts";
import { lookupByOperatingSystem, type NameLookup } from "./name-lookup.ts";
import { networkFailure } from "./network-failure.ts";
import { readBody } from "./read-body.ts";
import type { Hop, Redirect } from "./redirect.ts";
import { nextHop, sendableHeaders } from "./redirect.ts";

export interface EgressOptions {
  /** Hosts and networks that may be asked although they are not public; see `parseAllowList`. */
  readonly allowPrivateHosts?: readonly string[];
  /** Ports open on every host, besides 80, 443, 8080 and 8443. */
  readonly allowPorts?: readonly number[];
  readonly maxBytes?: number;
  readonly timeoutMs?: number;
  /** How names become addresses; the operating system's way unless said otherwise. */
  readonly lookup?: NameLookup;
}

const standardPorts = [80, 443, 8080, 8443];
const defaultMaxBytes = 5_000_000;
const defaultTimeoutMs = 30_000;
const maxRedirects = 5;

/** Throws `input.invalid` when an entry of `allowPrivateHosts` makes no sense. */
export function createEgress(options: EgressOptions = {}): Egress {
  const allowList = parseAllowList(options.allowPrivateHosts ?? []);
  const rules: UrlRules = { allowList, ports: new Set([...standardPorts, ...(options.allowPorts ?? [])]) };
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  let client: Promise<GuardedClient> | null = null;
  // Its library is a quarter of what a process loads, and most processes never ask anybody.
  const openClient = async (): Promise<GuardedClient> => {
    const { createGuardedClient } = await import("./guarded-client.ts");
    const lookup = options.lookup ?? lookupByOperatingSystem;
    return createGuardedClient({ allowList, lookup, connectTimeoutMs: Math.min(10_000, timeoutMs) });
  };
  return {
    fetch: async (request) => {
      const limits = { timeoutMs, maxBytes: options.maxBytes ?? defaultMaxBytes };
      client ??= openClient();
      const way = { rules, client: await client };
      return await withinTime({ ...limits, ...definedLimits(request) }, request.signal, async (capped) =>
        follow(request, { ...way, ...capped }),
      );
    },
    close: async () => {
      await (await client)?.close();
    },
  };
}

interface Limits {
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

function definedLimits(request: EgressRequest): Partial<Limits> {
  return {
    ...(request.timeoutMs === undefined ? {} : { timeoutMs: request.timeoutMs }),
    ...(request.maxBytes === undefined ? {} : { maxBytes: request.maxBytes }),
  };
}

interface Capped {
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

async function withinTime<Result>(
  limits: Limits,
  callerSignal: AbortSignal,
  work: (capped: Capped) => Promise<Result>,
): Promise<Result> {
  callerSignal.throwIfAborted();
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(timedOut(limits.timeoutMs)), limits.timeoutMs);
  try {
    return await work({ maxBytes: limits.maxBytes, signal: AbortSignal.any([callerSignal, deadline.signal]) });
  } catch (error) {
    // Whatever the abort made of the request, the one who aborted says why.
    callerSignal.throwIfAborted();
    deadline.signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

interface Way extends Capped {
  readonly rules: UrlRules;
  readonly client: GuardedClient;
}

async function follow(request: EgressRequest, way: Way): Promise<EgressResponse> {
  let hop: Hop = {
    url: checkUrl(request.url, way.rules),
    method: request.method ?? "GET",
    headers: sendableHeaders(request.headers ?? {}),
    body: request.body ?? null,
  };
  for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
    const answer = await ask(hop, way);
    if ("body" in answer) return answer;
    hop = nextHop(hop, answer, way.rules);
  }
  throw new PlatosError(
    "tool.failed",
    `${hop.url.origin} redirects more than ${maxRedirects} times. Ask for the page it should lead to.`,
  );
}

async function ask(hop: Hop, way: Way): Promise<EgressResponse | Redirect> {
  const { origin } = hop.url;
  try {
    const response = await way.client.ask(hop, way.signal);
    const location = response.headers.get("location");
    if ([301, 302, 303, 307, 308].includes(response.status) && location !== null) {
      await response.body?.cancel();
      return { status: response.status, location };
    }
    return {
      url: hop.url.href,
      status: response.status,
      headers: plainHeaders(response),
      body: await readBody(response.body, { maxBytes: way.maxBytes, origin }),
    };
  } catch (error) {
    throw networkFailure(origin, error);
  }
}

function plainHeaders(response: Response): Readonly<Record<string, string>> {
  const headers = new Map<string, string>();
  for (const [name, value] of response.headers) {
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return Object.fromEntries(headers);
}

function timedOut(timeoutMs: number): PlatosError {
  return new PlatosError(
    "tool.failed",
    `The request took longer than ${timeoutMs / 1000} s and was stopped. Try again later or use another source.`,
    { retryable: true },
  );
}
