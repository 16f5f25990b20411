import type { Bgo } from "./bgo.ts";
import { limits } from "./caps.ts";
import type { Json, JsonObject } from "./json.ts";

/** What a BGO that has waited for its child is told: `{bgoId, status, output?, error?}`. */
export function childView({ id, status, output, error }: Bgo): JsonObject {
  return {
    bgoId: id,
    status,
    ...(output === null ? {} : { output: shortened(output) }),
    ...(error === null ? {} : { error: { ...error } }),
  };
}

/** As long as the output of any tool may be; the whole is in the conversation. */
function shortened(output: Json): Json {
  const max = limits.toolOutputChars;
  if (typeof output !== "string" || output.length <= max) return output;
  return `${output.slice(0, max)}\n[cut here: the first ${max} of ${output.length} characters]`;
}
