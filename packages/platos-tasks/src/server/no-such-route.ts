import type { Context } from "hono";
import { TrieRouter } from "hono/router/trie-router";
import type { RouterRoute } from "hono/types";
import { PlatosError } from "../core/errors.ts";
import type { Log } from "../core/ports/log.ts";
import { errorResponse } from "./error-response.ts";
import type { ServerVariables } from "./server-context.ts";

/** Answers what none of these routes takes: an address that takes other methods says which (RFC 9110, section 15.5.6). */
export function noSuchRoute(routes: readonly RouterRoute[], log: Log): (c: Context<ServerVariables>) => Response {
  const methods = new TrieRouter<string>();
  // What holds for every method is no route of its own.
  for (const { method, path } of routes) if (method !== "ALL") methods.add("ALL", path, method);
  return (c) => {
    const { method, path } = c.req;
    const taken = new Set(methods.match("ALL", path)[0].map(([each]) => each));
    if (taken.has("GET")) taken.add("HEAD");
    if (taken.size === 0) {
      throw new PlatosError("route.not_found", `There is nothing at ${path}. /openapi.json lists what there is.`);
    }
    const allow = [...taken].toSorted().join(", ");
    const error = new PlatosError("request.method", `${path} does not take ${method}. It takes ${allow}.`);
    const response = errorResponse(c, error, log);
    response.headers.set("allow", allow);
    return response;
  };
}
