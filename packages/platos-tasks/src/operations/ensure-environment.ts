import type { Environment, EnvironmentSlugs, Tx } from "../core/ports/store.ts";
import type { OperationContext } from "./context.ts";

/** The environment of these names, made together with its project and organisation where they are missing. */
export async function ensureEnvironment(ctx: OperationContext, tx: Tx, slugs: EnvironmentSlugs): Promise<Environment> {
  return tx.access.ensureEnvironment(slugs, {
    orgId: ctx.identity.newId("organisation"),
    projectId: ctx.identity.newId("project"),
    envId: ctx.identity.newId("environment"),
  });
}
