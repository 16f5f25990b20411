import { createRoute, z } from "@hono/zod-openapi";
import { PlatosError } from "../../core/errors.ts";
import { createRoutes, type Routes, type ServerContext } from "../server-context.ts";

const get = createRoute({
  method: "get",
  path: "/artifacts/{artifactId}",
  request: { params: z.object({ artifactId: z.string().max(64) }) },
  responses: {
    200: {
      description: "the file itself",
      content: { "*/*": { schema: z.string().openapi({ format: "binary" }) } },
    },
  },
});

export function artifactRoutes({ runtime }: ServerContext): Routes {
  const routes = createRoutes();
  routes.openapi(get, async (c) => {
    const { artifactId } = c.req.valid("param");
    const found = await runtime.artifacts.read(c.var.principal.scope, artifactId);
    if (found === null) {
      throw new PlatosError("artifact.not_found", `There is no artifact ${artifactId} here.`);
    }
    const { artifact, content } = found;
    // Always a download: what agents make must never run as a page of ours.
    return c.body(new Uint8Array(content).buffer, 200, {
      "content-type": artifact.mediaType,
      "content-length": String(artifact.bytes),
      "content-disposition": attachment(artifact.name),
      "cache-control": "private, max-age=31536000, immutable",
      etag: `"${artifact.sha256}"`,
    });
  });
  return routes;
}

/**
 * The name twice: for clients that know no other form in ASCII, and as it is. Source: RFC 6266, appendix D; RFC 8187,
 * section 3.2.1, which allows fewer characters than a part of a URL has.
 */
function attachment(name: string): string {
  const plain = name.replaceAll(/[^\u0020-\u007E]|["\\%]/gu, "_");
  const exact = encodeURIComponent(name).replaceAll(/['()*]/gu, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${exact}`;
}
