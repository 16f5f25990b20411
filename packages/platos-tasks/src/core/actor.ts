/** Who did something, for the audit log. */
export interface Actor {
  readonly type: "api_key" | "session" | "agent" | "worker" | "system";
  readonly id: string | null;
}

export const systemActor: Actor = { type: "system", id: null };
