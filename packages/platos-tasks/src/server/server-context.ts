import { OpenAPIHono } from "@hono/zod-openapi";
import { PlatosError } from "../core/errors.ts";
import type { ArtifactStore } from "../core/ports/artifacts.ts";
import type { EventLog } from "../core/ports/event-log.ts";
import type { Log } from "../core/ports/log.ts";
import type { Notifications } from "../core/ports/notifications.ts";
import type { OperationContext } from "../operations/context.ts";
import type { Authenticator, Principal } from "./authentication.ts";
import type { EventFeed } from "./event-feed.ts";
import type { WaitLinks } from "./wait-links.ts";
import type { WebhookSecrets } from "./hooks/webhook-secrets.ts";

/** What the server needs of the composed runtime. */
export interface ServerRuntime {
  readonly operations: OperationContext;
  readonly artifacts: ArtifactStore;
  readonly eventLog: EventLog;
  readonly notifications: Notifications;
  readonly log: Log;
  /** Names that an agent's `tools` may hold. */
  readonly toolNames: readonly string[];
}

export interface ServerAddress {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Where people reach the server, if not under host and port. */
  readonly publicUrl: string | undefined;
}

/** What routes work with. */
export interface ServerContext {
  readonly runtime: ServerRuntime;
  readonly address: ServerAddress;
  readonly authenticator: Authenticator;
  readonly feed: EventFeed;
  readonly links: WaitLinks;
  readonly webhookSecrets: WebhookSecrets;
}

export interface ServerVariables {
  readonly Variables: {
    readonly traceId: string;
    /** Set on every address below `/api/v1` but sign-in. */
    readonly principal: Principal;
  };
}

export type Routes = OpenAPIHono<ServerVariables>;

/** Routes whose input is checked against their contract; what does not fit is refused with the fields named. */
export function createRoutes(): Routes {
  return new OpenAPIHono<ServerVariables>({
    defaultHook: (result) => {
      if (result.success) return;
      const issues = result.error.issues.map((issue) => ({ path: issue.path.join("."), message: issue.message }));
      const list = issues.map((issue) => (issue.path === "" ? issue.message : `${issue.path}: ${issue.message}`));
      throw new PlatosError("input.invalid", `The request does not fit: ${list.join("; ")}.`, { issues });
    },
  });
}

/** The body of a JSON request and its answers, as a route's contract states them. */
export function json<Schema>(schema: Schema, description = "") {
  return { content: { "application/json": { schema } }, description };
}
