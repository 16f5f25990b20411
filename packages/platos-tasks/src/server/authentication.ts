import { getCookie } from "hono/cookie";
import type { Context } from "hono";
import type { Actor } from "../core/actor.ts";
import { PlatosError } from "../core/errors.ts";
import type { Environment } from "../core/ports/store.ts";
import type { Caller, OperationContext } from "../operations/context.ts";

/** Who calls, and where they are at home. */
export interface Principal extends Caller {
  readonly environment: Environment;
}

/** `__Host-` would need TLS, which a server on loopback does not have. */
export const sessionCookie = "platos_session";

// A revoked key must stop working within a second.
const cacheMs = 1000;
const cacheEntries = 5000;

/** Finds out who calls, by `Authorization: Bearer` or by the browser's session. Only hashes are looked up. */
export class Authenticator {
  readonly #operations: OperationContext;
  readonly #known = new Map<string, { readonly principal: Principal; readonly untilMs: number }>();

  constructor(operations: OperationContext) {
    this.#operations = operations;
  }

  /** Throws `key.invalid` when nobody known calls. */
  async authenticate(c: Context): Promise<Principal> {
    const header = c.req.header("authorization");
    const bearer = header === undefined ? null : /^Bearer +(\S{8,512})$/iu.exec(header)?.[1];
    if (bearer === undefined) throw missing("The Authorization header must be `Bearer <key>`.");
    if (bearer !== null) return this.#lookUp("key", bearer);
    const session = getCookie(c, sessionCookie);
    if (session === undefined) throw missing("Send your key as `Authorization: Bearer <key>`.");
    return this.#lookUp("session", session);
  }

  async #lookUp(by: "key" | "session", secret: string): Promise<Principal> {
    const hash = this.#operations.identity.sha256(secret);
    const cached = this.#known.get(by + hash);
    const nowMs = Date.now();
    if (cached !== undefined && cached.untilMs > nowMs) return cached.principal;
    const principal = by === "key" ? await this.#byKey(hash) : await this.#bySession(hash);
    if (this.#known.size >= cacheEntries) this.#known.clear();
    this.#known.set(by + hash, { principal, untilMs: nowMs + cacheMs });
    return principal;
  }

  async #byKey(hash: string): Promise<Principal> {
    const found = await this.#operations.store.autocommit.access.findKey(hash);
    if (found === null)
      throw missing("This key is not known here. Check it, or make a new one with `platos keys create`.");
    return principalOf(found.environment, { type: "api_key", id: found.keyId });
  }

  async #bySession(hash: string): Promise<Principal> {
    const environment = await this.#operations.store.autocommit.access.findSession(hash);
    if (environment === null) throw missing("This session has ended. Sign in again.");
    return principalOf(environment, { type: "session", id: null });
  }
}

function principalOf(environment: Environment, actor: Actor): Principal {
  const { orgId, projectId, envId } = environment;
  return { environment, scope: { orgId, projectId, envId }, actor };
}

function missing(message: string): PlatosError {
  return new PlatosError("key.invalid", message);
}
