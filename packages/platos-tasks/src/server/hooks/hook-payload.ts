import type { Context } from "hono";
import { PlatosError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import { refuseDeep } from "../../operations/waits/accepted-value.ts";
import { isFormType, mediaTypeOf, readFormEntries } from "../form-body.ts";

/**
 * What a webhook says: JSON as it stands, a form as an object of its fields (a field that is sent several times as an
 * array, files left out), plain text as text. Errors: `request.malformed`, `request.media_type`, `input.invalid` for what
 * is nested too deep.
 */
export async function readHookPayload(c: Context): Promise<Json> {
  const mediaType = mediaTypeOf(c);
  if (isFormType(mediaType)) return formPayload(await readFormEntries(c));
  const text = await c.req.text();
  if (mediaType === "text/plain") return text;
  if (mediaType !== "application/json" && !mediaType.endsWith("+json")) {
    throw new PlatosError("request.media_type", "Send JSON, a form or plain text, and say which in Content-Type.");
  }
  return refuseDeep(parsed(text));
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new PlatosError("request.malformed", "The body is not well-formed JSON. Check it and send it again.");
  }
}

function formPayload(entries: ReadonlyMap<string, readonly string[]>): Json {
  return Object.fromEntries(
    [...entries].map(([name, texts]): [string, Json] => [name, texts.length === 1 ? (texts[0] ?? "") : texts]),
  );
}
