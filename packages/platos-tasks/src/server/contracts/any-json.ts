import { z } from "@hono/zod-openapi";
import type { Json, JsonObject } from "../../core/json.ts";

// Answers are ours, so nothing is checked here; these give the wire its types and the description its schema.

export const anyJson: z.ZodType<Json> = z.any().openapi({ description: "any JSON value" });

export const anyJsonObject = z.custom<JsonObject>().openapi({ type: "object", additionalProperties: true });
