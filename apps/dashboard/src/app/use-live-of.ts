import type { Session } from "@platos-tasks/client";
import { useEffect, useState } from "react";

import { announce } from "../announce/announcement.ts";
import { api } from "../api.ts";
import { scheduleFrame } from "../live/frame.ts";
import { LiveConnection } from "../live/live-connection.ts";
import type { Live } from "../live/live-context.ts";
import { LiveStore } from "../live/live-store.ts";
import { goToSignInWhenSignedOut, queryClient } from "./query-client.ts";

const threadsRefreshMs = 2_000;

/** The store and the stream of a session, for as long as the shell is on screen. */
export function useLiveOf(session: Session): Live {
  const [live] = useState(() => createLive(session));
  useEffect(() => {
    live.connection.start();
    const stop = keepThreadsFresh(live.store);
    return () => {
      stop();
      live.connection.stop();
    };
  }, [live]);
  return live;
}

function createLive(session: Session): Live {
  const store = new LiveStore(scheduleFrame);
  const connection = new LiveConnection({
    client: api,
    store,
    after: session.eventCursor,
    // Queries under "live" fill the store; reading them again closes any gap.
    onResync: () => void queryClient.invalidateQueries({ queryKey: ["live"] }),
    onRefused: (error) => {
      announce("The live connection was refused.");
      goToSignInWhenSignedOut(error);
    },
  });
  return { store, connection };
}

/** The list of threads has no events of its own: what happens in threads makes it stale, at most every 2 s. */
function keepThreadsFresh(store: LiveStore): () => void {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const stopListening = store.onEvent((event) => {
    if (timer !== null || event.type === "message.delta") return;
    timer = setTimeout(() => {
      timer = null;
      void queryClient.invalidateQueries({ queryKey: ["threads"] });
    }, threadsRefreshMs);
  });
  return () => {
    stopListening();
    if (timer !== null) clearTimeout(timer);
  };
}
