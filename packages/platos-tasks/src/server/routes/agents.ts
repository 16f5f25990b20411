import { createRoute, z } from "@hono/zod-openapi";
import { defaultMetaTools } from "../../core/agent.ts";
import { PlatosError } from "../../core/errors.ts";
import { agentMetaTools } from "../../meta-tools/meta-tools.ts";
import { pageOf } from "../../operations/list-bgos.ts";
import { agentNotFound } from "../../operations/not-found.ts";
import { createAgent, updateAgent } from "../../operations/save-agent.ts";
import { agent, createAgentBody, updateAgentBody } from "../contracts/agent.ts";
import { pageOfSchema, pageQuery } from "../contracts/page.ts";
import { createRoutes, json, type Routes, type ServerContext } from "../server-context.ts";
import { agentView } from "../views.ts";

const params = z.object({ agent: z.string().max(64).openapi({ description: "id or slug" }) });

const list = createRoute({
  method: "get",
  path: "/agents",
  request: { query: z.object(pageQuery) },
  responses: { 200: json(pageOfSchema(agent), "newest first") },
});

const create = createRoute({
  method: "post",
  path: "/agents",
  request: { body: { ...json(createAgentBody), required: true } },
  responses: { 201: json(agent, "made") },
});

const get = createRoute({
  method: "get",
  path: "/agents/{agent}",
  request: { params },
  responses: { 200: json(agent) },
});

const update = createRoute({
  method: "patch",
  path: "/agents/{agent}",
  request: { params, body: { ...json(updateAgentBody), required: true } },
  responses: { 200: json(agent, "a new version; what exists keeps the one it was made with") },
});

export function agentRoutes({ runtime }: ServerContext): Routes {
  const { operations, toolNames } = runtime;
  const refuseUnknown = ({ tools, askTools }: z.infer<typeof updateAgentBody>): void => {
    refuseUnknownTools(tools ?? [], { path: "tools", known: toolNames });
    refuseUnknownTools(askTools ?? [], { path: "askTools", known: [...toolNames, ...Object.keys(agentMetaTools)] });
  };
  const routes = createRoutes();
  routes.openapi(list, async (c) => {
    const { limit, cursor } = c.req.valid("query");
    const { scope } = c.var.principal;
    const query = { limit, ...(cursor === undefined ? {} : { cursor }) };
    const page = await pageOf(query, (request) => operations.store.autocommit.agents.list(scope, request));
    return c.json({ items: page.items.map(agentView), nextCursor: page.nextCursor }, 200);
  });
  routes.openapi(create, async (c) => {
    const body = c.req.valid("json");
    refuseUnknown(body);
    const created = await createAgent(operations, c.var.principal, {
      slug: body.slug,
      name: body.name,
      model: body.model,
      systemPrompt: body.systemPrompt ?? "",
      tools: body.tools ?? [...toolNames],
      metaTools: body.metaTools ?? [...defaultMetaTools],
      askTools: body.askTools ?? [],
      budget: body.budget ?? {},
    });
    return c.json(agentView(created), 201);
  });
  routes.openapi(get, async (c) => {
    const { agent: idOrSlug } = c.req.valid("param");
    const found = await operations.store.autocommit.agents.find(c.var.principal.scope, idOrSlug);
    if (found === null) throw agentNotFound(idOrSlug);
    return c.json(agentView(found), 200);
  });
  routes.openapi(update, async (c) => {
    const settings = c.req.valid("json");
    refuseUnknown(settings);
    const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
    const { agent: idOrSlug } = c.req.valid("param");
    const updated = await updateAgent(operations, c.var.principal, { agent: idOrSlug, settings: given });
    return c.json(agentView(updated), 200);
  });
  return routes;
}

function refuseUnknownTools(
  names: readonly string[],
  { path, known }: { readonly path: string; readonly known: readonly string[] },
): void {
  const unknown = names.filter((name) => !known.includes(name)).join(", ");
  if (unknown === "") return;
  throw new PlatosError("tool.not_found", `There is no tool ${unknown}. There are: ${known.join(", ")}.`, {
    issues: [{ path, message: `unknown: ${unknown}` }],
  });
}
