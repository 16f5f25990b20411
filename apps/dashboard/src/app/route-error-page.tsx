import type { ErrorComponentProps } from "@tanstack/react-router";
import { useRouter } from "@tanstack/react-router";
import type { ReactElement } from "react";

import { buttonClass } from "../ui/button.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { ForeignEnvironment } from "./foreign-environment.ts";

export function RouteErrorPage({ error, reset }: ErrorComponentProps): ReactElement {
  const router = useRouter();
  const foreign = error instanceof ForeignEnvironment;
  const retry = (): void => {
    reset();
    void router.invalidate();
  };
  return (
    <div className="mx-auto max-w-xl px-4 pt-16">
      <title>Error · Platos Tasks</title>
      <h1 className="mb-4 text-xl font-semibold tracking-tight">
        {foreign ? "Another environment" : "This page could not be shown"}
      </h1>
      <ErrorPanel
        error={error}
        title={foreign ? "You are not signed in there." : "Something went wrong on the way."}
        {...(foreign ? {} : { onRetry: retry })}
      />
      <p className="mt-4 flex gap-2">
        <a href="/" className={buttonClass("secondary")}>
          Go to your threads
        </a>
        {foreign && (
          <a href="/sign-in" className={buttonClass("quiet")}>
            Sign in with another key
          </a>
        )}
      </p>
    </div>
  );
}

/** The same where there is no navigation beside it. */
export function StandaloneErrorPage(props: ErrorComponentProps): ReactElement {
  return (
    <main>
      <RouteErrorPage {...props} />
    </main>
  );
}
