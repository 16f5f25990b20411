import { PlatosError } from "../../packages/platos-tasks/src/core/errors.ts";
import type { Json } from "../../packages/platos-tasks/src/core/json.ts";
import { cancelBgo } from "../../packages/platos-tasks/src/operations/cancel-bgo.ts";
import type { Caller, OperationContext } from "../../packages/platos-tasks/src/operations/context.ts";
import { completeWaitpoint } from "../../packages/platos-tasks/src/operations/waits/complete-waitpoint.ts";
import { postMessage } from "../../packages/platos-tasks/src/operations/post-message.ts";
import { spawnBgo } from "../../packages/platos-tasks/src/operations/spawn-bgo.ts";
import type { OnComplete } from "../../packages/platos-tasks/src/core/bgo.ts";

/** What a client asks for; plain data, so that it can be asked of another process. */
export type ClientRequest =
  | {
      readonly kind: "spawn";
      readonly threadId: string;
      readonly prompt: string;
      readonly idempotencyKey: string;
      readonly onComplete?: OnComplete;
      /** ISO 8601. */
      readonly runAt?: string;
    }
  | { readonly kind: "post"; readonly threadId: string; readonly text: string; readonly idempotencyKey: string }
  | { readonly kind: "cancel"; readonly bgoId: string }
  | { readonly kind: "answer"; readonly waitpointId: string; readonly value: Json };

/** The BGO or the turn that the request is about. */
export interface ClientAnswer {
  readonly id: string;
}

export async function answerClient(
  operations: OperationContext,
  caller: Caller,
  request: ClientRequest,
): Promise<ClientAnswer> {
  switch (request.kind) {
    case "spawn": {
      const { threadId, prompt, idempotencyKey, onComplete = "message", runAt } = request;
      const later = runAt === undefined ? {} : { runAt: new Date(runAt) };
      const asked = { threadId, prompt, idempotencyKey, onComplete, ...later };
      return { id: (await spawnBgo(operations, caller, asked)).bgo.id };
    }
    case "post":
      return { id: (await postMessage(operations, caller, request)).turnId };
    case "cancel":
      return { id: (await cancelBgo(operations, caller, request)).bgo.id };
    case "answer":
      return { id: await answerWait(operations, caller, request) };
  }
}

/** Answers a wait; one that asks again learns that the same answer was taken before. Gives the BGO that waited. */
async function answerWait(
  operations: OperationContext,
  caller: Caller,
  { waitpointId, value }: Extract<ClientRequest, { kind: "answer" }>,
): Promise<string> {
  const found = await operations.store.autocommit.waitpoints.find(caller.scope, waitpointId);
  if (found === null) throw new Error(`There is no ${waitpointId}.`);
  try {
    await completeWaitpoint(operations, found, { status: "completed", value, actor: caller.actor });
  } catch (error) {
    const isRepeat =
      PlatosError.is(error) && error.code === "waitpoint.resolved" && error.message.includes("the same answer");
    if (!isRepeat) throw error;
  }
  return found.call?.ownerId ?? "";
}

/** A failure as it travels between processes. */
export interface ClientRefusal {
  readonly message: string;
  readonly retryable: boolean;
}

export function refusalOf(error: unknown): ClientRefusal {
  if (PlatosError.is(error)) return { message: `${error.code}: ${error.message}`, retryable: error.retryable };
  return { message: error instanceof Error ? (error.stack ?? error.message) : String(error), retryable: false };
}
