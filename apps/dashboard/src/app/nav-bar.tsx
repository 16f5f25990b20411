import type { Session } from "@platos-tasks/client";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";

import { useActiveBgoCount } from "../bgo/use-active-bgo-count.ts";
import { envPath } from "../env/env-path.ts";
import { Icon } from "../ui/icon.tsx";
import type { IconName } from "../ui/icon.tsx";
import { useNeedsYou } from "../wait/use-needs-you.ts";
import { ConnectionDot } from "./connection-dot.tsx";
import { Preferences } from "./preferences.tsx";

/** At the left of a wide screen, on top of a narrow one. */
export function NavBar({ session }: { readonly session: Session }): ReactElement {
  const { org, project, env } = session;
  const params = { org, project, env };
  const active = useActiveBgoCount();
  const { bgoIds } = useNeedsYou();
  return (
    <nav
      aria-label="Main"
      className="flex shrink-0 items-center gap-1 border-line bg-surface px-2 py-1.5 max-md:border-b md:w-52 md:flex-col md:items-stretch md:border-r md:p-3"
    >
      <a href="/" className="flex h-8 items-center gap-2 rounded-md px-1.5 font-semibold tracking-tight">
        <img src="/favicon.svg" alt="" width={20} height={20} />
        <span className="max-md:sr-only">Platos Tasks</span>
      </a>
      <p className="hidden truncate px-1.5 pb-3 text-xs text-ink-3 md:block" title={`${org} / ${project} / ${env}`}>
        {org} / {project} / <span className="font-medium text-running">{env}</span>
      </p>
      <Link to={`${envPath}/threads`} params={params} className={linkClass} activeProps={activeLink}>
        <NavLabel icon="threads" label="Threads" />
      </Link>
      <Link to={`${envPath}/platos-tasks`} params={params} className={linkClass} activeProps={activeLink}>
        <NavLabel icon="layers" label="BGOs" />
        {active !== null && active.count > 0 && (
          <span className="rounded-full bg-running-soft px-1.5 text-2xs font-semibold text-running tabular-nums md:ml-auto">
            {active.count}
            {active.more && "+"}
            <span className="sr-only"> active</span>
          </span>
        )}
      </Link>
      <Link to={`${envPath}/schedules`} params={params} className={linkClass} activeProps={activeLink}>
        <NavLabel icon="calendar" label="Schedules" />
      </Link>
      {bgoIds.size > 0 && (
        <Link
          to={`${envPath}/platos-tasks`}
          params={params}
          search={{ needs: "you" }}
          className="flex h-8 items-center gap-2 rounded-md px-1.5 text-xs font-medium text-waiting hover:bg-hover"
        >
          <Icon name="question" />
          <span className="max-sm:sr-only">{bgoIds.size === 1 ? "1 needs you" : `${bgoIds.size} need you`}</span>
          <span aria-hidden="true" className="tabular-nums sm:hidden">
            {bgoIds.size}
          </span>
        </Link>
      )}
      <div className="ml-auto flex items-center gap-1 md:mt-auto md:ml-0 md:justify-between">
        <ConnectionDot />
        <Preferences />
      </div>
    </nav>
  );
}

const linkClass =
  "flex h-8 items-center gap-2 rounded-md px-1.5 text-sm text-ink-2 hover:bg-hover hover:text-ink max-md:px-2";
const activeLink = { className: "bg-hover font-medium !text-ink" };

function NavLabel({ icon, label }: { readonly icon: IconName; readonly label: string }): ReactElement {
  return (
    <>
      <Icon name={icon} />
      {/* Where there is no room for words, the icons are left. */}
      <span className="max-[26rem]:sr-only">{label}</span>
    </>
  );
}
