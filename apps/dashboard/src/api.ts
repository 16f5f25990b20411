import { createClient } from "@platos-tasks/client";
import type { PlatosClient } from "@platos-tasks/client";

/** The server that served this page, known by the session cookie. */
export const api: PlatosClient = createClient({ baseUrl: "" });
