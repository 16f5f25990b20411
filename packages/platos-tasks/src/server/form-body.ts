import type { Context } from "hono";
import { PlatosError } from "../core/errors.ts";

export type FormTexts = ReadonlyMap<string, readonly string[]>;

export function mediaTypeOf(c: Context): string {
  return c.req.header("content-type")?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

export function isFormType(mediaType: string): boolean {
  return mediaType === "application/x-www-form-urlencoded" || mediaType === "multipart/form-data";
}

/** The texts of a form by field, in their order; files are left out. Errors: `request.malformed`. */
export async function readFormEntries(c: Context): Promise<FormTexts> {
  const bytes = await c.req.arrayBuffer();
  const headers = { "content-type": c.req.header("content-type") ?? "" };
  const form = await new Response(bytes, { headers }).formData().catch(() => {
    throw new PlatosError("request.malformed", "The body is not a well-formed form. Check it and send it again.");
  });
  const texts = new Map<string, string[]>();
  for (const [name, value] of form) {
    if (typeof value !== "string") continue;
    const earlier = texts.get(name);
    if (earlier === undefined) texts.set(name, [value]);
    else earlier.push(value);
  }
  return texts;
}
