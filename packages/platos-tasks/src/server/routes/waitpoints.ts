import { createRoute, z } from "@hono/zod-openapi";
import { PlatosError } from "../../core/errors.ts";
import type { WaitpointRow } from "../../core/ports/store.ts";
import type { Caller } from "../../operations/context.ts";
import { completeWaitpoint } from "../../operations/waits/complete-waitpoint.ts";
import { createToken } from "../../operations/waits/create-token.ts";
import { pageOf } from "../../operations/list-bgos.ts";
import { waitpointNotFound } from "../../operations/not-found.ts";
import { pageOfSchema } from "../contracts/page.ts";
import { completeBody, createTokenBody, failBody, waitpoint, waitpointQuery } from "../contracts/waitpoint.ts";
import { createRoutes, json, type Routes, type ServerContext } from "../server-context.ts";
import { waitpointView } from "../views.ts";

const params = z.object({ waitpointId: z.string().max(64) });

const list = createRoute({
  method: "get",
  path: "/waitpoints",
  request: { query: waitpointQuery },
  responses: { 200: json(pageOfSchema(waitpoint), "newest first") },
});

const create = createRoute({
  method: "post",
  path: "/waitpoints",
  request: { body: { ...json(createTokenBody), required: true } },
  responses: { 201: json(waitpoint, "a token that a BGO may wait for later, by its id") },
});

const get = createRoute({
  method: "get",
  path: "/waitpoints/{waitpointId}",
  request: { params },
  responses: { 200: json(waitpoint) },
});

const complete = createRoute({
  method: "post",
  path: "/waitpoints/{waitpointId}/complete",
  request: { params, body: { ...json(completeBody), required: true } },
  responses: { 200: json(waitpoint, "answered; 409 when it was answered before, 410 when it is over") },
});

const fail = createRoute({
  method: "post",
  path: "/waitpoints/{waitpointId}/fail",
  request: { params, body: { ...json(failBody), required: true } },
  responses: { 200: json(waitpoint, "whoever waits is told the reason; 409 and 410 as for complete") },
});

export function waitpointRoutes({ runtime, links, webhookSecrets }: ServerContext): Routes {
  const { operations } = runtime;
  const { waitpoints } = operations.store.autocommit;
  const routes = createRoutes();
  const view = (row: WaitpointRow) => waitpointView(row, links);
  const find = async ({ scope }: Caller, waitpointId: string): Promise<WaitpointRow> => {
    const found = await waitpoints.find(scope, waitpointId);
    if (found === null) throw waitpointNotFound(waitpointId);
    return found;
  };
  routes.openapi(list, async (c) => {
    const { limit, cursor, status, kind, bgo, thread } = c.req.valid("query");
    const filter = {
      ...(status === undefined ? {} : { status }),
      ...(kind === undefined ? {} : { kind }),
      ...(bgo === undefined ? {} : { ownerId: bgo }),
      ...(thread === undefined ? {} : { threadId: thread }),
    };
    const query = { limit, ...(cursor === undefined ? {} : { cursor }) };
    const page = await pageOf(query, (request) => waitpoints.list(c.var.principal.scope, filter, request));
    return c.json({ items: page.items.map(view), nextCursor: page.nextCursor }, 200);
  });
  routes.openapi(create, async (c) => {
    const { question, schema, signature, timeoutSeconds } = c.req.valid("json");
    if (signature !== undefined && webhookSecrets.of(signature.secret) === null) throw noSuchSecret(signature.secret);
    const made = await createToken(operations, c.var.principal, {
      question: question ?? null,
      schema: schema ?? null,
      signature: signature === undefined ? null : signatureOf(signature),
      timeoutSeconds,
    });
    return c.json(view(made), 201);
  });
  routes.openapi(get, async (c) => {
    return c.json(view(await find(c.var.principal, c.req.valid("param").waitpointId)), 200);
  });
  routes.openapi(complete, async (c) => {
    const found = await find(c.var.principal, c.req.valid("param").waitpointId);
    const { value = null } = c.req.valid("json");
    if (c.req.valid("json").value === undefined && found.kind !== "time") throw noValue();
    const { actor } = c.var.principal;
    return c.json(view(await completeWaitpoint(operations, found, { status: "completed", value, actor })), 200);
  });
  routes.openapi(fail, async (c) => {
    const found = await find(c.var.principal, c.req.valid("param").waitpointId);
    const value = { reason: c.req.valid("json").reason };
    const { actor } = c.var.principal;
    return c.json(view(await completeWaitpoint(operations, found, { status: "failed", value, actor })), 200);
  });
  return routes;
}

function noValue(): PlatosError {
  return new PlatosError("input.invalid", "Send the answer as {value}; it may be null. It is still open.", {
    issues: [{ path: "value", message: "missing" }],
  });
}

function signatureOf({ secret, header }: { secret: string; header?: string | undefined }) {
  return { secret, ...(header === undefined ? {} : { header: header.toLowerCase() }) };
}

function noSuchSecret(name: string): PlatosError {
  return new PlatosError(
    "input.invalid",
    `This server has no webhook secret ${name}. Set it in the server's environment, or name another one.`,
    { issues: [{ path: "signature.secret", message: "not configured" }] },
  );
}
