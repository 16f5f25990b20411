import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { formatEventCursor } from "../../core/event.ts";
import type { Environment } from "../../core/ports/store.ts";
import { createKey } from "../../operations/create-key.ts";
import { loginByKey, sessionLifeSeconds } from "../../operations/login.ts";
import { sessionCookie } from "../authentication.ts";
import { apiKey, createKeyBody, session, signInBody } from "../contracts/access.ts";
import { createRoutes, json, type Routes, type ServerContext } from "../server-context.ts";

const createKeyRoute = createRoute({
  method: "post",
  path: "/keys",
  request: { body: { ...json(createKeyBody), required: true } },
  responses: { 201: json(apiKey, "shown this once") },
});

const getSession = createRoute({ method: "get", path: "/session", responses: { 200: json(session) } });

const signOut = createRoute({ method: "delete", path: "/session", responses: { 204: { description: "signed out" } } });

const signIn = createRoute({
  method: "post",
  path: "/session",
  request: { body: { ...json(signInBody), required: true } },
  responses: { 200: json(session, "the cookie is set") },
});

async function sessionView({ runtime }: ServerContext, environment: Environment) {
  const { orgSlug, projectSlug, envSlug } = environment;
  const eventCursor = formatEventCursor(await runtime.eventLog.head());
  return { org: orgSlug, project: projectSlug, env: envSlug, eventCursor };
}

/** Readable by no script, sent to no other site; over TLS also never in clear. */
export function setSessionCookie(c: Context, secret: string, publicUrl: string | undefined): void {
  setCookie(c, sessionCookie, secret, {
    httpOnly: true,
    sameSite: "Lax",
    path: "/",
    secure: publicUrl?.startsWith("https:") === true,
    maxAge: sessionLifeSeconds,
  });
}

export function accessRoutes(ctx: ServerContext): Routes {
  const { operations } = ctx.runtime;
  const routes = createRoutes();
  routes.openapi(createKeyRoute, async (c) => {
    const { env, project, org, name } = c.req.valid("json");
    const { actor, environment } = c.var.principal;
    const request = {
      env,
      project: project ?? environment.projectSlug,
      org: org ?? environment.orgSlug,
      name: name ?? "made by API",
    };
    return c.json(await createKey(operations, { actor, authority: environment }, request), 201);
  });
  routes.openapi(getSession, async (c) => c.json(await sessionView(ctx, c.var.principal.environment), 200));
  routes.openapi(signOut, async (c) => {
    const secret = getCookie(c, sessionCookie);
    if (secret !== undefined)
      await operations.store.autocommit.access.deleteSession(operations.identity.sha256(secret));
    deleteCookie(c, sessionCookie, { path: "/" });
    return c.body(null, 204);
  });
  return routes;
}

/** The one route below `/api/v1` that nobody needs to be signed in for. */
export function signInRoutes(ctx: ServerContext): Routes {
  const routes = createRoutes();
  routes.openapi(signIn, async (c) => {
    const { secret, environment } = await loginByKey(ctx.runtime.operations, c.req.valid("json").apiKey);
    setSessionCookie(c, secret, ctx.address.publicUrl);
    return c.json(await sessionView(ctx, environment), 200);
  });
  return routes;
}
