import type { MiddlewareHandler } from "hono";
import { PlatosError } from "../core/errors.ts";

export interface GuardOptions {
  /** Host names under which this server may be addressed, without port. */
  readonly hosts: ReadonlySet<string>;
  /** Origins of pages that may call it with a session. */
  readonly origins: ReadonlySet<string>;
}

const loopbackNames = ["localhost", "127.0.0.1", "[::1]"];

/** The names that lead here: loopback, the host that is listened on, and the public address. */
export function guardOptions(of: {
  readonly host: string;
  readonly port: number;
  readonly publicUrl: string | undefined;
}): GuardOptions {
  const names = [...loopbackNames, of.host.includes(":") ? `[${of.host}]` : of.host].map((name) => name.toLowerCase());
  const origins = names.map((name) => `http://${name}:${of.port}`);
  if (of.publicUrl === undefined) return { hosts: new Set(names), origins: new Set(origins) };
  const url = new URL(of.publicUrl);
  return { hosts: new Set([...names, url.hostname]), origins: new Set([...origins, url.origin]) };
}

/** Refuses a name that a foreign page had bound to our address (DNS rebinding): it shows in `Host`. */
export function hostGuard(options: () => GuardOptions): MiddlewareHandler {
  return async (c, next) => {
    const host = c.req.header("host") ?? "";
    if (!options().hosts.has(host.replace(/:\d+$/u, "").toLowerCase())) {
      throw new PlatosError(
        "request.foreign_host",
        "This server does not answer to this host name. Use its own address, or set PLATOS_PUBLIC_URL to the one you use.",
      );
    }
    await next();
  };
}

/** Refuses what a foreign page made a browser send, with the session that it has here: it shows in `Origin`. */
export function originGuard(options: () => GuardOptions): MiddlewareHandler {
  return async (c, next) => {
    const origin = c.req.header("origin");
    if (origin !== undefined && !options().origins.has(origin.toLowerCase())) {
      throw new PlatosError(
        "request.foreign_origin",
        "Pages of this origin may not call this server. Set PLATOS_PUBLIC_URL if it is the server's own address.",
      );
    }
    await next();
  };
}
