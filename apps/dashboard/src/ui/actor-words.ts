import type { AuditActor } from "@platos-tasks/client";

/** Who did something, as people say it. */
export const actorWords: Readonly<Record<AuditActor["type"], string>> = {
  session: "Signed-in user",
  api_key: "API key",
  agent: "Agent",
  worker: "Worker",
  system: "System",
  link: "Holder of the link",
  webhook: "Webhook",
};
