import { useEffect, useState } from "react";
import type { ReactElement } from "react";

import { onAnnouncement } from "./announcement.ts";

/** The page's one polite live region; always there, so that screen readers know it. */
export function Announcer(): ReactElement {
  const [words, setWords] = useState("");
  useEffect(() => onAnnouncement(setWords), []);
  return (
    <div role="status" aria-live="polite" className="sr-only">
      {words}
    </div>
  );
}
