import { limits } from "../core/caps.ts";
import { cutText } from "../core/cut-text.ts";
import { PlatosError } from "../core/errors.ts";
import { depthOf, storableJson, storableText, type Json } from "../core/json.ts";

/**
 * What the journal keeps of a tool's output: at most `limits.toolOutputChars` characters, every string storable. A
 * value that is too large once serialised, or too deep for those who go down into it, becomes its JSON text, or the
 * beginning of it.
 */
export function cappedOutput(output: Json | undefined): Json {
  if (typeof output === "string") return cutText(storableText(output), limits.toolOutputChars);
  let text: string;
  try {
    text = storableJson(output ?? null);
  } catch (cause) {
    throw new PlatosError("tool.failed", "The tool gave back a value that is not JSON.", { cause });
  }
  if (text.length > limits.toolOutputChars) return cutText(text, limits.toolOutputChars);
  const value = JSON.parse(text) as Json;
  return depthOf(value) > limits.valueDepth ? text : value;
}
