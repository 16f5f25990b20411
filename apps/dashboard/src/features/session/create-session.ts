import type { Session } from "@platos-tasks/client";

import { api } from "../../api.ts";

/** `POST /api/v1/session`: signs this browser in. */
export function createSession(apiKey: string): Promise<Session> {
  return api.session.create({ apiKey });
}
