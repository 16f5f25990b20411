import { PlatosApiError } from "@platos-tasks/client";
import type { Session } from "@platos-tasks/client";
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
  RouterProvider,
} from "@tanstack/react-router";
import type { ReactElement } from "react";

import { envPath } from "../env/env-path.ts";
import { BgoListPage } from "../features/bgos/bgo-list-page.tsx";
import { validateBgoSearch } from "../features/bgos/bgo-search.ts";
import { getSessionQuery } from "../features/session/get-session.ts";
import { SignInPage } from "../features/session/sign-in-page.tsx";
import { ThreadsPage } from "../features/threads/threads-page.tsx";
import { ForeignEnvironment } from "./foreign-environment.ts";
import { NotFoundPage, StandaloneNotFoundPage } from "./not-found-page.tsx";
import { queryClient } from "./query-client.ts";
import { RouteErrorPage, StandaloneErrorPage } from "./route-error-page.tsx";
import { parseSearch, stringifySearch } from "./search-params.ts";
import { Shell } from "./shell.tsx";

const rootRoute = createRootRoute({
  notFoundComponent: StandaloneNotFoundPage,
  errorComponent: StandaloneErrorPage,
});

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sign-in",
  validateSearch: (search): { next?: string; reason?: string } => ({
    ...(typeof search["next"] === "string" && { next: search["next"] }),
    ...(typeof search["reason"] === "string" && { reason: search["reason"] }),
  }),
  component: () => {
    const { next, reason } = signInRoute.useSearch();
    return <SignInPage next={next} reason={reason} />;
  },
});

const homeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  errorComponent: StandaloneErrorPage,
  beforeLoad: async ({ location }) => {
    throw redirect({ to: `${envPath}/threads`, params: await session(location.href), replace: true });
  },
});

/** Short links for logs, chats and the command line. */
const shortThreadRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/t/$threadId",
  beforeLoad: async ({ params, location }) => {
    const to = `${envPath}/threads/$threadId` as const;
    throw redirect({ to, params: { ...(await session(location.href)), ...params }, replace: true });
  },
});

const shortBgoRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/b/$bgoId",
  beforeLoad: async ({ params, location }) => {
    const to = `${envPath}/platos-tasks/$bgoId` as const;
    throw redirect({ to, params: { ...(await session(location.href)), ...params }, replace: true });
  },
});

const envRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: envPath,
  beforeLoad: async ({ params, location }) => {
    const signedIn = await session(location.href);
    const here = params.org === signedIn.org && params.project === signedIn.project && params.env === signedIn.env;
    if (!here) throw new ForeignEnvironment(params, signedIn);
    return { session: signedIn };
  },
  errorComponent: StandaloneErrorPage,
  component: () => {
    const { session: signedIn } = envRoute.useRouteContext();
    return <Shell session={signedIn} />;
  },
});

const envHomeRoute = createRoute({
  getParentRoute: () => envRoute,
  path: "/",
  beforeLoad: ({ params }) => {
    throw redirect({ to: `${envPath}/threads`, params, replace: true });
  },
});

const threadsRoute = createRoute({ getParentRoute: () => envRoute, path: "threads", component: ThreadsPage });

const threadRoute = createRoute({
  getParentRoute: () => envRoute,
  path: "threads/$threadId",
  component: lazyRouteComponent(() => import("../features/threads/thread-page.tsx"), "ThreadPage"),
});

const bgosRoute = createRoute({
  getParentRoute: () => envRoute,
  path: "platos-tasks",
  validateSearch: validateBgoSearch,
  component: BgoListPage,
});

const bgoRoute = createRoute({
  getParentRoute: () => envRoute,
  path: "platos-tasks/$bgoId",
  component: lazyRouteComponent(() => import("../features/bgos/bgo-page.tsx"), "BgoPage"),
});

const schedulesRoute = createRoute({
  getParentRoute: () => envRoute,
  path: "schedules",
  component: lazyRouteComponent(() => import("../features/schedules/schedules-page.tsx"), "SchedulesPage"),
});

const router = createRouter({
  routeTree: rootRoute.addChildren([
    signInRoute,
    homeRoute,
    shortThreadRoute,
    shortBgoRoute,
    envRoute.addChildren([envHomeRoute, threadsRoute, threadRoute, bgosRoute, bgoRoute, schedulesRoute]),
  ]),
  parseSearch,
  stringifySearch,
  defaultPreload: "intent",
  defaultErrorComponent: RouteErrorPage,
  defaultNotFoundComponent: NotFoundPage,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

export function AppRouter(): ReactElement {
  return <RouterProvider router={router} />;
}

/** Where this browser is signed in, or the way to the sign-in page. */
async function session(next: string): Promise<Session> {
  try {
    return await queryClient.fetchQuery(getSessionQuery);
  } catch (error) {
    const signedOut = error instanceof PlatosApiError && error.status === 401;
    throw signedOut ? redirect({ to: "/sign-in", search: next === "/" ? {} : { next }, replace: true }) : error;
  }
}
