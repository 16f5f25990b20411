import { z } from "@hono/zod-openapi";
import { defaultMetaTools, optionalMetaTools } from "../../core/agent.ts";
import { budgetSchema } from "../../meta-tools/budget-schema.ts";
import { budget } from "./bgo.ts";

export const agent = z
  .object({
    id: z.string(),
    slug: z.string(),
    version: z.number(),
    name: z.string(),
    model: z.string(),
    systemPrompt: z.string(),
    tools: z.array(z.string()).readonly(),
    metaTools: z.array(z.string()).readonly(),
    askTools: z.array(z.string()).readonly(),
    budget,
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .openapi("Agent");

const settings = {
  name: z.string().min(1).max(200),
  model: z
    .string()
    .max(200)
    .regex(/^[\w-]+:.+$/u, "must look like provider:model"),
  systemPrompt: z.string().max(100_000),
  tools: z.array(z.string().max(64)).max(50),
  metaTools: z.array(z.enum([...defaultMetaTools, ...optionalMetaTools])),
  askTools: z.array(z.string().max(64)).max(50),
  budget: budgetSchema,
};

const slug = z
  .string()
  .max(64)
  .regex(/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/u, "lower-case letters, digits and hyphens");

export const createAgentBody = z
  .strictObject({
    slug,
    name: settings.name,
    model: settings.model,
    systemPrompt: settings.systemPrompt.optional(),
    tools: settings.tools.optional(),
    metaTools: settings.metaTools.optional(),
    askTools: settings.askTools.optional(),
    budget: settings.budget.optional(),
  })
  .openapi("CreateAgentBody");

export const updateAgentBody = z.strictObject(settings).partial().openapi("UpdateAgentBody");
