import { limits } from "../core/caps.ts";
import { PlatosError } from "../core/errors.ts";
import { storableJson, storableText, type Json } from "../core/json.ts";

/**
 * What the journal keeps of a tool's output: at most `limits.toolOutputChars` characters, every string storable. A
 * value that is too large once serialised becomes the beginning of its JSON text.
 */
export function cappedOutput(output: Json | undefined): Json {
  if (typeof output === "string") return cut(storableText(output));
  let text: string;
  try {
    text = storableJson(output ?? null);
  } catch (cause) {
    throw new PlatosError("tool.failed", "The tool gave back a value that is not JSON.", { cause });
  }
  return text.length > limits.toolOutputChars ? cut(text) : (JSON.parse(text) as Json);
}

function cut(text: string): string {
  const max = limits.toolOutputChars;
  if (text.length <= max) return text;
  const note = `\n[cut here: the first ${max} of ${text.length} characters; ${text.length - max} left out]`;
  // Never between the halves of a surrogate pair.
  const end = /[\uD800-\uDBFF]/u.test(text.charAt(max - 1)) ? max - 1 : max;
  return text.slice(0, end) + note;
}
