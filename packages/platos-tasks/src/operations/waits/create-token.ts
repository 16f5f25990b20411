import type { JsonObject } from "../../core/json.ts";
import type { WaitpointRow } from "../../core/ports/store.ts";
import type { WebhookSignature } from "../../core/waitpoint.ts";
import type { Caller, OperationContext } from "../context.ts";
import { usableSchema } from "./usable-schema.ts";

export interface NewToken {
  readonly question: string | null;
  readonly schema: JsonObject | null;
  readonly signature: WebhookSignature | null;
  readonly timeoutSeconds: number;
}

/**
 * Makes a token that nobody waits for yet: a BGO may wait for it later, by its id, and finds the answer if there was
 * one. Errors: `input.invalid` (schema).
 */
export async function createToken(ctx: OperationContext, caller: Caller, token: NewToken): Promise<WaitpointRow> {
  const id = ctx.identity.newId("waitpoint");
  const schema = token.schema === null ? null : usableSchema(ctx.schemas, token.schema);
  return ctx.store.transaction("create token", async (tx) => {
    const made = await tx.waitpoints.insert(caller.scope, {
      id,
      kind: "token",
      call: null,
      threadId: null,
      question: token.question,
      schema,
      tokenHash: ctx.identity.sha256(ctx.links.tokenOf(id)),
      signature: token.signature,
      targetBgoId: null,
      args: null,
      argsHash: null,
      due: { inMs: token.timeoutSeconds * 1000 },
    });
    if (made === null) throw new Error(`There is a waitpoint ${id} already.`);
    await tx.audit.append(caller.scope, {
      actor: caller.actor,
      action: "waitpoint.created",
      targetType: "waitpoint",
      targetId: id,
      details: { kind: "token" },
    });
    return made;
  });
}
