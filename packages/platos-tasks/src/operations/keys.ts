import type { ApiKey, Environment, EnvironmentSlugs } from "../core/ports/store.ts";
import type { Caller, OperationContext } from "./context.ts";
import { environmentNotFound, keyNotFound } from "./not-found.ts";

/** The keys of an environment, newest first, also those that open nothing any more. Errors: `input.invalid` for an environment that is not there. */
export async function listKeys(ctx: OperationContext, slugs: EnvironmentSlugs): Promise<readonly ApiKey[]> {
  return ctx.store.autocommit.access.listKeys(await environmentOf(ctx, slugs));
}

export type RevokeOutcome = "revoked" | "already_revoked";

/**
 * Takes a key away. Servers look keys up again after a second at the latest, and end the streams that it has opened within
 * half a minute. Errors: `key.not_found`, `input.invalid` for an environment that is not there.
 */
export async function revokeKey(
  ctx: OperationContext,
  caller: Pick<Caller, "actor">,
  { keyId, ...slugs }: EnvironmentSlugs & { readonly keyId: string },
): Promise<RevokeOutcome> {
  const environment = await environmentOf(ctx, slugs);
  return ctx.store.transaction("revoke key", async (tx) => {
    const before = await tx.access.lockKey(environment, keyId);
    if (before === null) throw keyNotFound(keyId);
    if (before.revokedAt !== null) return "already_revoked";
    await tx.access.revokeKey(environment, keyId);
    await tx.audit.append(environment, {
      actor: caller.actor,
      action: "api_key.revoked",
      targetType: "api_key",
      targetId: keyId,
      details: { name: before.name },
    });
    return "revoked";
  });
}

async function environmentOf(ctx: OperationContext, slugs: EnvironmentSlugs): Promise<Environment> {
  const environment = await ctx.store.autocommit.access.findEnvironment(slugs);
  if (environment === null) throw environmentNotFound(slugs);
  return environment;
}
