import { PlatosApiError } from "@platos-tasks/client";
import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";

const staleMs = 30_000;
const retries = 2;

export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: goToSignInWhenSignedOut }),
  mutationCache: new MutationCache({ onError: goToSignInWhenSignedOut }),
  defaultOptions: {
    queries: {
      staleTime: staleMs,
      // Rows are pushed; coming back to the tab is no reason to ask again.
      refetchOnWindowFocus: false,
      retry: (count, error) => count < retries && mayPass(error),
    },
  },
});

/** The sign-in page, with the way back. A whole load: what the page holds belongs to nobody now. */
export function goToSignInWhenSignedOut(error: Error): void {
  const signedOut = error instanceof PlatosApiError && error.status === 401;
  if (signedOut && location.pathname !== "/sign-in") location.assign(signInPath(location.pathname + location.search));
}

export function signInPath(next: string): string {
  return next === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(next)}`;
}

function mayPass(error: Error): boolean {
  return error instanceof PlatosApiError && (error.status === 0 || error.status >= 500);
}
