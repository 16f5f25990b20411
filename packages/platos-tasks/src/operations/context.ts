import type { Actor } from "../core/actor.ts";
import type { Caps } from "../core/caps.ts";
import type { Calendar } from "../core/ports/calendar.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Engine } from "../core/ports/engine.ts";
import type { Identity } from "../core/ports/identity.ts";
import type { Links } from "../core/ports/links.ts";
import type { Schemas } from "../core/ports/schemas.ts";
import type { Store } from "../core/ports/store.ts";
import type { Scope } from "../core/scope.ts";

/** The ports every operation works with. */
export interface OperationContext {
  readonly store: Store;
  readonly engine: Engine;
  readonly identity: Identity;
  readonly links: Links;
  readonly schemas: Schemas;
  readonly clock: Clock;
  readonly calendar: Calendar;
  readonly caps: Caps;
}

/** In whose name an operation runs: the scope comes from their key or session, never from what they sent. */
export interface Caller {
  readonly scope: Scope;
  readonly actor: Actor;
}
