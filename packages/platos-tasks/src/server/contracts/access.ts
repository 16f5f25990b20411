import { z } from "@hono/zod-openapi";

const slug = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/u, "lower-case letters, digits and hyphens");

export const createKeyBody = z
  .strictObject({ env: slug, project: slug.optional(), org: slug.optional(), name: z.string().max(200).optional() })
  .openapi("CreateKeyBody");

export const apiKey = z.object({ id: z.string(), key: z.string() }).openapi("ApiKey");

export const session = z
  .object({ org: z.string(), project: z.string(), env: z.string(), eventCursor: z.string().nullable() })
  .openapi("Session");

export const signInBody = z.strictObject({ apiKey: z.string().min(8).max(512) }).openapi("SignInBody");
