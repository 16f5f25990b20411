import type { Actor } from "../core/actor.ts";

/** What a worker does of its own accord is audited under this name. */
export const workerActor: Actor = { type: "worker", id: null };
