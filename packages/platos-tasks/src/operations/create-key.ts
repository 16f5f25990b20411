import { PlatosError } from "../core/errors.ts";
import type { Environment, Tx } from "../core/ports/store.ts";
import type { Caller, OperationContext } from "./context.ts";
import { ensureEnvironment } from "./ensure-environment.ts";

const keyPrefix = "platos_";
const keyBytes = 32;

/** A new key and the row that recognises it: only the hash is kept. */
export function newKey(ctx: Pick<OperationContext, "identity">): {
  readonly key: string;
  readonly row: { readonly id: string; readonly hash: string };
} {
  const key = keyPrefix + ctx.identity.newSecret(keyBytes);
  return { key, row: { id: ctx.identity.newId("apiKey"), hash: ctx.identity.sha256(key) } };
}

export interface NewKeyRequest {
  readonly org: string;
  readonly project: string;
  readonly env: string;
  readonly name: string;
}

/** Who may make keys for what: a key's holder within its own project, the machine's operator anywhere. */
export type KeyAuthority = Environment | "operator";

/** Makes a key, and its environment if there is none yet. The key is in the answer and nowhere else. */
export async function createKey(
  ctx: OperationContext,
  caller: Pick<Caller, "actor"> & { readonly authority: KeyAuthority },
  request: NewKeyRequest,
): Promise<{ readonly id: string; readonly key: string }> {
  refuseForeignProject(caller.authority, request);
  const made = newKey(ctx);
  await ctx.store.transaction("create key", async (tx) => {
    await refuseOtherEnvironment(tx, caller.authority, request);
    const environment = await ensureEnvironment(ctx, tx, request);
    await tx.access.insertKey(environment, { ...made.row, name: request.name });
    await tx.audit.append(environment, {
      actor: caller.actor,
      action: "api_key.created",
      targetType: "api_key",
      targetId: made.row.id,
      details: { name: request.name },
    });
  });
  return { id: made.row.id, key: made.key };
}

/** A key opens its own environment, and may found new ones; it does not get into one that is there already. */
async function refuseOtherEnvironment(tx: Tx, authority: KeyAuthority, request: NewKeyRequest): Promise<void> {
  if (authority === "operator" || request.env === authority.envSlug) return;
  if ((await tx.access.findEnvironment(request)) === null) return;
  throw new PlatosError(
    "key.forbidden",
    `There is an environment ${request.env} already, and this key is of another one. Use the command line on the server to make a key for it.`,
  );
}

function refuseForeignProject(authority: KeyAuthority, { org, project }: NewKeyRequest): void {
  if (authority === "operator") return;
  if (org === authority.orgSlug && project === authority.projectSlug) return;
  throw new PlatosError(
    "key.forbidden",
    `This key may make keys in project ${authority.orgSlug}/${authority.projectSlug} only. Use the command line on the server for others.`,
  );
}
