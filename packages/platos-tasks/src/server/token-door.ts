import type { MiddlewareHandler } from "hono";
import { PlatosError } from "../core/errors.ts";
import type { WaitpointRow } from "../core/ports/store.ts";
import { clientAddress } from "./client-address.ts";
import { RateLimit } from "./rate-limit.ts";
import type { ServerContext, ServerVariables } from "./server-context.ts";

export interface TokenVariables {
  readonly Variables: ServerVariables["Variables"] & {
    /** What the token in the address opens. */
    readonly waitpoint: WaitpointRow;
  };
}

/** Lets those in whose token opens a waitpoint that `takes` says yes to; everybody else finds nothing. */
export type TokenDoor = (takes: (waitpoint: WaitpointRow) => boolean) => MiddlewareHandler<TokenVariables>;

const guessesPerMinute = 30;
const requestsPerMinute = 60;
const maxKeys = 20_000;

/**
 * Looks tokens up by their hash, before anything else of the request is read. Wrong ones are counted per client address
 * and right ones per token. Errors: `waitpoint.not_found`, `limit.exceeded`.
 */
export function createTokenDoor({ runtime, address }: Pick<ServerContext, "runtime" | "address">): TokenDoor {
  const { store, identity, clock } = runtime.operations;
  const guesses = new RateLimit({ perMinute: guessesPerMinute, maxKeys });
  const requests = new RateLimit({ perMinute: requestsPerMinute, maxKeys });
  const isBehindProxy = address.publicUrl !== undefined;
  return (takes) => async (c, next) => {
    const nowMs = clock.now().getTime();
    const client = clientAddress(c, { isBehindProxy });
    // Taken before the look-up and given back after it, so that many at once are no way around it.
    refuseAfter(guesses.take(client, nowMs));
    const hash = identity.sha256(c.req.param("token") ?? "");
    const waitpoint = await store.autocommit.waitpoints.findByTokenHash(hash);
    if (waitpoint === null || !takes(waitpoint)) throw nothingHere();
    guesses.giveBack(client, nowMs);
    refuseAfter(requests.take(hash, nowMs));
    c.set("waitpoint", waitpoint);
    await next();
  };
}

function refuseAfter(waitMs: number): void {
  if (waitMs === 0) return;
  const seconds = Math.ceil(waitMs / 1000);
  throw new PlatosError("limit.exceeded", `Too many requests came in. Try again in ${seconds} seconds.`, {
    retryable: true,
    retryAfterMs: waitMs,
  });
}

function nothingHere(): PlatosError {
  return new PlatosError("waitpoint.not_found", "There is nothing behind this link. Check that you have all of it.");
}
