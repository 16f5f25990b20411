import { isTerminal, titleOfBgo } from "@platos-tasks/client";
import type { Bgo } from "@platos-tasks/client";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";

import { BgoDuration } from "../../bgo/bgo-duration.tsx";
import { envPath, useEnvParams } from "../../env/env-path.ts";
import { useLive } from "../../live/live-context.ts";
import { useRow } from "../../live/use-rows.ts";
import { RelativeTime } from "../../time/relative-time.tsx";
import { IconButton } from "../../ui/icon-button.tsx";
import { StatusChip } from "../../ui/status-chip.tsx";
import type { ThreadBgos } from "./thread-bgos.ts";

export interface BgoRailProps {
  readonly list: ThreadBgos;
  readonly onClose: () => void;
}

/** Everything this thread has working for it, and what has come of it. */
export function BgoRail({ list, onClose }: BgoRailProps): ReactElement {
  return (
    <aside
      aria-label="Background operations of this thread"
      className="flex w-72 shrink-0 flex-col overflow-y-auto border-l border-line bg-surface max-lg:absolute max-lg:inset-y-0 max-lg:right-0 max-lg:z-10 max-lg:shadow-2xl"
    >
      <div className="sticky top-0 flex items-center justify-between bg-surface py-2 pr-2 pl-4">
        <h2 className="text-sm font-semibold">In the background</h2>
        <IconButton icon="cross" label="Close" onClick={onClose} className="lg:hidden" />
      </div>
      {list.error !== null && <p className="px-4 py-2 text-sm text-failed">{list.error.message}</p>}
      {list.groups.length === 0 && !list.isPending && list.error === null && (
        <p className="px-4 py-2 text-sm text-pretty text-ink-2">
          Nothing yet. What the agent starts with <code className="font-mono text-xs">spawn_bgo</code> is listed here.
        </p>
      )}
      {list.groups.map((group) => (
        <section key={group.name} className="pb-2">
          <h3 className="px-4 pt-2 pb-1 text-xs font-medium text-ink-3">
            {group.name} <span className="tabular-nums">{group.bgos.length}</span>
          </h3>
          <ul>
            {group.bgos.map((bgo) => (
              <RailRow key={bgo.id} bgoId={bgo.id} />
            ))}
          </ul>
        </section>
      ))}
    </aside>
  );
}

function RailRow({ bgoId }: { readonly bgoId: string }): ReactElement | null {
  const { store } = useLive();
  const bgo = useRow(store.bgos, bgoId);
  const params = useEnvParams();
  if (bgo === undefined) return null;
  return (
    <li>
      <Link
        to={`${envPath}/platos-tasks/$bgoId`}
        params={{ ...params, bgoId }}
        className="flex flex-col gap-1 px-4 py-2 -outline-offset-2 hover:bg-hover"
      >
        <span className="truncate text-sm">{titleOfBgo(bgo)}</span>
        <span className="flex items-center justify-between gap-2 text-xs text-ink-3 tabular-nums">
          <StatusChip status={bgo.status} />
          <RailTime bgo={bgo} />
        </span>
      </Link>
    </li>
  );
}

function RailTime({ bgo }: { readonly bgo: Bgo }): ReactElement {
  if (isTerminal(bgo.status) && bgo.finishedAt !== null) return <RelativeTime iso={bgo.finishedAt} />;
  if (bgo.status === "scheduled" && bgo.runAt !== null) return <RelativeTime iso={bgo.runAt} />;
  return <BgoDuration bgo={bgo} />;
}
