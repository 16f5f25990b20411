import type { Bgo } from "./bgo.ts";
import { limits } from "./caps.ts";
import { cutText } from "./cut-text.ts";
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

/** As long as the output of any tool may be. */
function shortened(output: Json): Json {
  return typeof output === "string" ? cutText(output, limits.toolOutputChars) : output;
}
