import type { CreateThreadBody, Thread } from "@platos-tasks/client";

import { api } from "../../api.ts";

/** `POST /api/v1/threads`. */
export function createThread(body: CreateThreadBody): Promise<Thread> {
  return api.threads.create(body);
}
