import { PlatosError } from "../core/errors.ts";
import type { Environment } from "../core/ports/store.ts";
import type { Scope } from "../core/scope.ts";
import type { OperationContext } from "./context.ts";

const tokenLifeSeconds = 5 * 60;
export const sessionLifeSeconds = 30 * 24 * 3600;
const secretBytes = 32;

/** A secret for one sign-in by link within five minutes. */
export async function createLoginToken(ctx: OperationContext, scope: Scope): Promise<string> {
  const token = ctx.identity.newSecret(secretBytes);
  const hash = ctx.identity.sha256(token);
  await ctx.store.autocommit.access.insertLoginToken(scope, { hash, lifeSeconds: tokenLifeSeconds });
  return token;
}

/** Trades a sign-in link for a session; gives its secret, or null when the link was used before or is too old. */
export async function loginByToken(ctx: OperationContext, token: string): Promise<string | null> {
  return ctx.store.transaction("sign in", async (tx) => {
    const environment = await tx.access.consumeLoginToken(ctx.identity.sha256(token));
    if (environment === null) return null;
    const secret = ctx.identity.newSecret(secretBytes);
    const hash = ctx.identity.sha256(secret);
    await tx.access.insertSession(environment, { hash, lifeSeconds: sessionLifeSeconds });
    return secret;
  });
}

/** Opens a session for the holder of a key; gives its secret. */
export async function loginByKey(
  ctx: OperationContext,
  apiKey: string,
): Promise<{ readonly secret: string; readonly environment: Environment }> {
  const found = await ctx.store.autocommit.access.findKey(ctx.identity.sha256(apiKey));
  if (found === null) throw new PlatosError("key.invalid", "This key is not known here. Check it, or make a new one.");
  const secret = ctx.identity.newSecret(secretBytes);
  const hash = ctx.identity.sha256(secret);
  await ctx.store.autocommit.access.insertSession(found.environment, { hash, lifeSeconds: sessionLifeSeconds });
  return { secret, environment: found.environment };
}
