import type { ReactElement } from "react";

import { buttonClass } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";

/** Beside the navigation, or alone: then in a landmark of its own. */
export function NotFoundPage(): ReactElement {
  return (
    <div className="pt-16">
      <title>Not found · Platos Tasks</title>
      <EmptyState
        icon="search"
        headingLevel={1}
        title="There is nothing here"
        action={
          <a href="/" className={buttonClass("secondary")}>
            Go to your threads
          </a>
        }
      >
        The address may be mistyped, or what it named was deleted.
      </EmptyState>
    </div>
  );
}

export function StandaloneNotFoundPage(): ReactElement {
  return (
    <main>
      <NotFoundPage />
    </main>
  );
}
