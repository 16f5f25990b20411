import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context, MiddlewareHandler } from "hono";
import { compress } from "hono/compress";
import { HTTPException } from "hono/http-exception";
import { limits } from "../core/caps.ts";
import { PlatosError } from "../core/errors.ts";
import { loginByToken } from "../operations/login.ts";
import { limitBytes } from "./body-limit.ts";
import { hookDescription, waitPageDescriptions } from "./contracts/doors.ts";
import { chatDescription, chatStreamDescription, eventsDescription } from "./contracts/streams.ts";
import { errorResponse } from "./error-response.ts";
import { hookRoutes } from "./hooks/hook-routes.ts";
import { noSuchRoute } from "./no-such-route.ts";
import { apiDescription, registerCommonParts } from "./open-api.ts";
import { type GuardOptions, hostGuard, originGuard } from "./request-guard.ts";
import { requireJson } from "./require-json.ts";
import { accessRoutes, setSessionCookie, signInRoutes } from "./routes/access.ts";
import { agentRoutes } from "./routes/agents.ts";
import { artifactRoutes } from "./routes/artifacts.ts";
import { createChatHandlers } from "./routes/chat.ts";
import { createEventsHandler } from "./routes/events.ts";
import { healthRoutes } from "./routes/health.ts";
import { platosTaskRoutes } from "./routes/platos-tasks.ts";
import { scheduleRoutes } from "./routes/schedules.ts";
import { threadRoutes } from "./routes/threads.ts";
import { waitpointRoutes } from "./routes/waitpoints.ts";
import { securityHeaders } from "./security-headers.ts";
import type { Routes, ServerContext, ServerVariables } from "./server-context.ts";
import { dashboardHandler } from "./static-dashboard.ts";
import { createTokenDoor } from "./token-door.ts";
import { waitPageRoutes } from "./wait-page/wait-page-routes.ts";

export interface AppOptions {
  readonly context: ServerContext;
  readonly guard: () => GuardOptions;
  /** The built dashboard; null serves the API alone. */
  readonly dashboardDir: string | null;
}

const api = "/api/v1";

/** The whole HTTP surface. Every error leaves it as `application/problem+json`, none with more than its message. */
export function createApp({ context, guard, dashboardDir }: AppOptions): Routes {
  const app = new OpenAPIHono<ServerVariables>();
  app.use(async (c, next) => {
    c.set("traceId", context.runtime.operations.identity.newSecret(9));
    await next();
  });
  app.use(securityHeaders());
  app.onError((error, c) => errorResponse(c, knownError(error), context.runtime.log));
  // Probes come under whatever name the machine has at the time.
  app.route("/", healthRoutes(context));
  app.use(hostGuard(guard));
  // The link is the authority there, whoever's page it was opened from; a browser's session plays no part.
  addDoors(app, context);
  app.use(originGuard(guard));
  app.use(compress());
  app.use(requireJson);
  app.use(`${api}/session`, limitBody);
  app.route(api, signInRoutes(context));
  // Who calls is settled before anything they send is read.
  app.use(`${api}/*`, async (c, next) => {
    c.set("principal", await context.authenticator.authenticate(c));
    await next();
  });
  app.use(limitBody);
  const apiRoutes = [
    accessRoutes,
    agentRoutes,
    artifactRoutes,
    platosTaskRoutes,
    scheduleRoutes,
    threadRoutes,
    waitpointRoutes,
  ];
  for (const routes of apiRoutes) {
    app.route(api, routes(context));
  }
  addStreams(app, context);
  addPages(app, { context, dashboardDir });
  return app;
}

/** Where those come in who have a waitpoint's link and no key. */
function addDoors(app: Routes, context: ServerContext): void {
  const openByToken = createTokenDoor(context);
  for (const description of [...waitPageDescriptions, hookDescription]) app.openAPIRegistry.registerPath(description);
  app.route("/w", waitPageRoutes(context, openByToken));
  app.route("/hooks", hookRoutes(context, openByToken));
}

function addStreams(app: Routes, context: ServerContext): void {
  const events = createEventsHandler(context);
  const chat = createChatHandlers(context);
  const stillAllowed = (c: Context): (() => Promise<boolean>) => {
    return () =>
      context.authenticator.authenticate(c).then(
        () => true,
        () => false,
      );
  };
  // The framework answers HEAD by what GET would open: a stream that nobody reads and nobody closes.
  const refuseHead: MiddlewareHandler = async (c, next) => (c.req.method === "HEAD" ? c.body(null, 204) : next());
  app.use(`${api}/events`, refuseHead);
  app.use(`${api}/chat/:chatId/stream`, refuseHead);
  for (const description of [eventsDescription, chatDescription, chatStreamDescription]) {
    app.openAPIRegistry.registerPath(description);
  }
  app.get(`${api}/events`, (c) => events(c, c.var.principal, stillAllowed(c)));
  app.post(`${api}/chat`, (c) => chat.post(c, c.var.principal, stillAllowed(c)));
  app.get(`${api}/chat/:chatId/stream`, (c) => chat.resume(c, c.var.principal, stillAllowed(c)));
}

function addPages(app: Routes, { context, dashboardDir }: Pick<AppOptions, "context" | "dashboardDir">): void {
  registerCommonParts(app);
  app.get("/openapi.json", (c) => c.json(apiDescription(app)));
  app.get("/login", async (c) => {
    // Previews of links ask with HEAD; that must not use the link up.
    if (c.req.method === "HEAD") return c.body(null, 204);
    const secret = await loginByToken(context.runtime.operations, c.req.query("token") ?? "");
    if (secret === null) return c.redirect("/sign-in?reason=link_expired", 303);
    setSessionCookie(c, secret, context.address.publicUrl);
    return c.redirect("/", 303);
  });
  const notFound = noSuchRoute([...app.routes], context.runtime.log);
  app.all("/api/*", notFound);
  if (dashboardDir !== null) app.get("*", dashboardHandler(dashboardDir));
  app.all("*", notFound);
}

/** What the framework itself throws, in our words. */
function knownError(error: Error): unknown {
  if (!(error instanceof HTTPException)) return error;
  return new PlatosError("request.malformed", "The body is not well-formed JSON. Check it and send it again.", {
    issues: [{ path: "", message: "not JSON" }],
  });
}

const limitOthers = limitBytes(limits.requestBytes);
const limitChat = limitBytes(limits.chatRequestBytes);

/** A stock chat client sends its whole history with every message. */
const limitBody: MiddlewareHandler = (c, next) =>
  c.req.path === `${api}/chat` ? limitChat(c, next) : limitOthers(c, next);
