/** Who did something, for the audit log. `link` and `webhook`: whoever had the link of a waitpoint. */
export interface Actor {
  readonly type: "api_key" | "session" | "agent" | "worker" | "system" | "link" | "webhook";
  readonly id: string | null;
}

export const systemActor: Actor = { type: "system", id: null };
