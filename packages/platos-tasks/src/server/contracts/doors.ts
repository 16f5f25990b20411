import { z } from "@hono/zod-openapi";

// What is opened by a waitpoint's link is handled by hand; these describe it for the published contract only.

const tokenParams = z.object({ token: z.string().openapi({ description: "the secret part of a waitpoint's link" }) });
const anyBody = { schema: z.any().openapi({ description: "any JSON value" }) };
const formBody = { schema: z.looseObject({}).openapi({ description: "one field for each property of the schema" }) };
const html = (description: string) => ({ description, content: { "text/html": { schema: z.string() } } });

/** `/w/{token}`: no key is asked for. */
export const waitPageDescriptions = [
  {
    method: "get",
    path: "/w/{token}",
    request: { params: tokenParams },
    responses: { 200: html("what is asked, with a form; never changes anything") },
  },
  {
    method: "post",
    path: "/w/{token}",
    request: {
      params: tokenParams,
      body: { content: { "application/x-www-form-urlencoded": formBody, "application/json": anyBody } },
    },
    responses: { 200: html("answered, once; as JSON for who sent JSON. 404, 409, 410, 413, 422 as pages or problems") },
  },
] as const;

/** `POST /hooks/{token}`: no key is asked for. */
export const hookDescription = {
  method: "post",
  path: "/hooks/{token}",
  request: {
    params: tokenParams,
    body: {
      content: {
        "application/json": anyBody,
        "application/x-www-form-urlencoded": formBody,
        "multipart/form-data": formBody,
        "text/plain": { schema: z.string() },
      },
    },
  },
  responses: {
    200: {
      description: "taken, or the same was taken before",
      content: { "application/json": { schema: z.object({ deduplicated: z.boolean() }) } },
    },
  },
} as const;
