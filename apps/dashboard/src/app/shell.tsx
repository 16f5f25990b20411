import type { Session } from "@platos-tasks/client";
import { Outlet } from "@tanstack/react-router";
import type { ReactElement } from "react";

import { LiveContext } from "../live/live-context.ts";
import { NavBar } from "./nav-bar.tsx";
import { useLiveOf } from "./use-live-of.ts";

/** What surrounds every page of an environment, and the one event stream they share. */
export function Shell({ session }: { readonly session: Session }): ReactElement {
  const live = useLiveOf(session);
  return (
    <LiveContext value={live}>
      <a
        href="#main"
        className="fixed top-2 left-2 z-20 -translate-y-16 rounded-md bg-accent px-3 py-2 text-sm font-medium text-accent-ink focus:translate-y-0"
      >
        Skip to content
      </a>
      <div className="flex h-dvh flex-col md:flex-row">
        <NavBar session={session} />
        <main id="main" tabIndex={-1} className="flex min-h-0 min-w-0 flex-1 flex-col outline-none">
          <Outlet />
        </main>
      </div>
    </LiveContext>
  );
}
