import { Hono, type MiddlewareHandler } from "hono";
import { PlatosError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import type { WaitpointRow } from "../../core/ports/store.ts";
import { hasWebhook, isSameAnswer, waitLimits } from "../../core/waitpoint.ts";
import { completeWaitpoint } from "../../operations/waits/complete-waitpoint.ts";
import { limitBytes } from "../body-limit.ts";
import { mediaTypeOf } from "../form-body.ts";
import type { ServerContext } from "../server-context.ts";
import type { TokenDoor, TokenVariables } from "../token-door.ts";
import { readHookPayload } from "./hook-payload.ts";
import { inboundEmail } from "./inbound-email.ts";
import { requireSignature } from "./webhook-signature.ts";

/** E-mail services post attachments along; they are read past and not kept. */
const multipartBytes = 10_485_760;

/**
 * `POST /hooks/{token}`: a webhook's payload, or an e-mail that came in, answers what waits. Services send again when they
 * are not sure: the same payload is a success as well, another one a conflict.
 */
export function hookRoutes({ runtime, webhookSecrets }: ServerContext, openByToken: TokenDoor): Hono<TokenVariables> {
  const { operations } = runtime;
  const hooks = new Hono<TokenVariables>();
  hooks.use("/:token", async (c, next) => {
    if (c.req.method !== "POST") throw notPosted();
    c.header("cache-control", "no-store");
    await next();
  });
  hooks.use("/:token", openByToken(hasWebhook), limitBody);
  hooks.post("/:token", async (c) => {
    const { waitpoint } = c.var;
    const { signature } = waitpoint;
    if (signature !== null) {
      const body = new Uint8Array(await c.req.arrayBuffer());
      const request = { body, header: (name: string) => c.req.header(name), now: operations.clock.now() };
      requireSignature(signature, webhookSecrets, request);
    }
    const value = valueFor(waitpoint, await readHookPayload(c));
    try {
      const actor = { type: "webhook", id: signature?.secret ?? null } as const;
      await completeWaitpoint(operations, waitpoint, { status: "completed", value, actor, isPosted: true });
      return c.json({ deduplicated: false });
    } catch (error) {
      if (!PlatosError.is(error) || error.code !== "waitpoint.resolved") throw error;
      const now = await operations.store.autocommit.waitpoints.find(waitpoint.scope, waitpoint.id);
      if (now?.status !== "completed" || !isSameAnswer(now, value)) throw error;
      return c.json({ deduplicated: true });
    }
  });
  hooks.all("*", () => {
    throw notPosted();
  });
  return hooks;
}

const limitPayload = limitBytes(waitLimits.valueBytes);
const limitMultipart = limitBytes(multipartBytes);

const limitBody: MiddlewareHandler = (c, next) =>
  mediaTypeOf(c) === "multipart/form-data" ? limitMultipart(c, next) : limitPayload(c, next);

/** Where a form is asked for, the payload must have it; else an e-mail is told in one form, whoever sent it. */
function valueFor({ schema, kind }: WaitpointRow, payload: Json): Json {
  const email = schema === null ? inboundEmail(payload) : null;
  if (email === null) return payload;
  if (kind !== "reply") return email;
  return email.text.trim() === "" ? email.subject : email.text;
}

function notPosted(): PlatosError {
  return new PlatosError("route.not_found", "There is nothing to read here. Webhooks are sent with POST.");
}
