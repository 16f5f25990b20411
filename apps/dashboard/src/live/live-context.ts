import { createContext, use } from "react";

import type { LiveConnection } from "./live-connection.ts";
import type { LiveStore } from "./live-store.ts";

export interface Live {
  readonly store: LiveStore;
  readonly connection: LiveConnection;
}

export const LiveContext: React.Context<Live | null> = createContext<Live | null>(null);

export function useLive(): Live {
  const live = use(LiveContext);
  if (live === null) throw new Error("useLive() needs a LiveContext above it.");
  return live;
}
