import { useEffect, useRef, useSyncExternalStore } from "react";
import type { ReactElement } from "react";

import { announce } from "../announce/announcement.ts";
import type { LiveState } from "../live/live-connection.ts";
import { useLive } from "../live/live-context.ts";
import { formatClock } from "../time/format-instant.ts";
import { useNowMs } from "../time/use-now.ts";

/** After this long without contact, what is on screen is called stale. */
const staleAfterMs = 15_000;

/** Says whether what is on screen is what is. */
export function ConnectionDot(): ReactElement {
  const { connection } = useLive();
  const state = useSyncExternalStore(connection.subscribeState, connection.state);
  useAnnouncedState(state);
  return (
    <p className="flex h-8 items-center gap-1.5 px-1.5 text-xs text-ink-2">
      <span className={`size-2 rounded-full ${dotClass(state)}`} aria-hidden="true" />
      {state.name === "lost" ? <LostWords {...state} /> : <span className="max-sm:sr-only">{plainWords(state)}</span>}
    </p>
  );
}

function LostWords({ sinceMs, retryAtMs }: { readonly sinceMs: number; readonly retryAtMs: number }): ReactElement {
  const nowMs = useNowMs();
  if (nowMs - sinceMs > staleAfterMs) return <span>Stale since {formatClock(sinceMs)}</span>;
  const seconds = Math.ceil((retryAtMs - nowMs) / 1_000);
  return <span>{seconds > 0 ? `Reconnecting… ${seconds} s` : "Reconnecting…"}</span>;
}

function plainWords(state: LiveState): string {
  if (state.name === "live") return "Live";
  return state.name === "refused" ? `Stale since ${formatClock(state.sinceMs)}` : "Connecting…";
}

function dotClass(state: LiveState): string {
  if (state.name === "live") return "bg-completed";
  return state.name === "connecting" ? "border-2 border-field" : "bg-failed";
}

/** Losing the connection and having it back is news; the countdown is not. */
function useAnnouncedState(state: LiveState): void {
  const last = useRef(state.name);
  useEffect(() => {
    if (last.current === "live" && state.name === "lost") announce("Live connection lost. Reconnecting.");
    if (last.current === "lost" && state.name === "live") announce("Live again.");
    last.current = state.name;
  }, [state.name]);
}
