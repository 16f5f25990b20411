import { PlatosApiError } from "@platos-tasks/client";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { FormEvent, ReactElement } from "react";

import { Button } from "../../ui/button.tsx";
import { createSession } from "./create-session.ts";
import { safeNextPath } from "./next-path.ts";

export interface SignInPageProps {
  readonly next: string | undefined;
  /** `link_expired` when a one-time link was used or too old. */
  readonly reason: string | undefined;
}

export function SignInPage({ next, reason }: SignInPageProps): ReactElement {
  const [apiKey, setApiKey] = useState("");
  const signIn = useMutation({
    mutationFn: createSession,
    // A whole load: nothing of another sign-in stays in memory.
    onSuccess: () => location.assign(safeNextPath(next)),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (apiKey.trim() !== "") signIn.mutate(apiKey.trim());
  };
  return (
    <main className="grid min-h-dvh place-items-center bg-surface px-4 py-10">
      <title>Sign in · Platos Tasks</title>
      <div className="w-full max-w-sm">
        <img src="/favicon.svg" alt="" width={36} height={36} className="mb-5" />
        <h1 className="text-xl font-semibold tracking-tight">Sign in to Platos Tasks</h1>
        {reason === "link_expired" && (
          <p className="mt-3 rounded-md bg-queued-soft px-3 py-2 text-sm text-queued">
            That sign-in link was used already or is older than five minutes. Make a new one with{" "}
            <code>platos open</code>, or paste a key.
          </p>
        )}
        <form onSubmit={submit} className="mt-5 rounded-xl border border-line bg-raised p-5 shadow-sm">
          <label htmlFor="api-key" className="text-sm font-medium">
            API key
          </label>
          <input
            id="api-key"
            type="password"
            autoComplete="current-password"
            autoFocus
            required
            value={apiKey}
            onChange={(event) => setApiKey(event.target.value)}
            aria-describedby="api-key-hint"
            aria-invalid={signIn.isError}
            className="mt-1.5 h-9 w-full rounded-md border border-field bg-canvas px-2.5 font-mono text-sm"
          />
          {signIn.error !== null && (
            <p role="alert" className="mt-2 text-sm text-failed">
              {refusalOf(signIn.error)}
            </p>
          )}
          <Button kind="primary" type="submit" disabled={signIn.isPending} className="mt-4 w-full">
            {signIn.isPending ? "Signing in…" : "Sign in"}
          </Button>
        </form>
        <p id="api-key-hint" className="mt-4 text-sm text-pretty text-ink-2">
          <code className="font-mono text-xs">npm start</code> prints a sign-in link and, at first boot, the key of the
          default environment. Signing in sets a cookie that scripts cannot read; the key itself is not kept here.
        </p>
      </div>
    </main>
  );
}

function refusalOf(error: Error): string {
  if (error instanceof PlatosApiError && error.status === 401)
    return "This key is not known here. Check that it is whole.";
  return error.message;
}
