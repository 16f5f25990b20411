import { sessionCookie } from "./authentication.ts";
import { problem } from "./contracts/problem.ts";
import type { Routes } from "./server-context.ts";

type Document = ReturnType<Routes["getOpenAPI31Document"]>;

const methods = ["get", "post", "patch", "delete"] as const;
const probes: ReadonlySet<string> = new Set(["/livez", "/readyz"]);
const signIn = "/api/v1/session";

/** Says once what holds for every route: who may call it, and that it may end in a problem. */
export function registerCommonParts({ openAPIRegistry }: Routes): void {
  openAPIRegistry.register("Problem", problem);
  openAPIRegistry.registerComponent("securitySchemes", "apiKey", { type: "http", scheme: "bearer" });
  openAPIRegistry.registerComponent("securitySchemes", "session", {
    type: "apiKey",
    in: "cookie",
    name: sessionCookie,
  });
  openAPIRegistry.registerComponent("responses", "Problem", {
    description: "what went wrong, by its status and code",
    content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
  });
}

/** The published description of the whole surface. */
export function apiDescription(app: Routes): Document {
  const document = app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: { title: "Platos Tasks", version: "1", description: "Durable background operations of LLM agents." },
    security: [{ apiKey: [] }, { session: [] }],
  });
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const method of methods) {
      const operation = item[method];
      if (operation === undefined) continue;
      const isOpen = !path.startsWith("/api/") || (path === signIn && method === "post");
      if (isOpen) operation.security = [];
      if (!probes.has(path)) {
        operation.responses = { ...operation.responses, default: { $ref: "#/components/responses/Problem" } };
      }
    }
  }
  return document;
}
