import type { Message, Status } from "@platos-tasks/client";
import { titleOfBgo } from "@platos-tasks/client";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";

import { useAgentName } from "../../agent/list-agents.ts";
import { BgoDuration } from "../../bgo/bgo-duration.tsx";
import { useBgo } from "../../bgo/use-bgo.ts";
import { formatUsage } from "../../bgo/usage-text.ts";
import { envPath, useEnvParams } from "../../env/env-path.ts";
import { RelativeTime } from "../../time/relative-time.tsx";
import { Button } from "../../ui/button.tsx";
import { StatusChip } from "../../ui/status-chip.tsx";
import { MessageBlocks } from "./message-blocks.tsx";
import { bgoCardId, goToElement, resultId } from "./transcript-anchor.ts";

const statusOf = {
  bgo_completed: "completed",
  bgo_failed: "failed",
  bgo_cancelled: "cancelled",
} as const satisfies Record<string, Status>;

export interface ResultMessageProps {
  readonly message: Message;
  readonly kind: keyof typeof statusOf;
}

/** The one message with which a BGO ended: who it is from, what it took, what came of it. */
export function ResultMessage({ message, kind }: ResultMessageProps): ReactElement {
  const bgoId = message.bgoId ?? "";
  const { bgo } = useBgo(bgoId);
  const isChild = bgo !== undefined && bgo.parentBgoId !== null;
  const body = (
    <div className="px-4 py-3">
      <MessageBlocks message={message} />
    </div>
  );
  return (
    <article
      id={resultId(bgoId)}
      tabIndex={-1}
      aria-label={`Result, ${statusOf[kind]}`}
      className="scroll-my-8 overflow-hidden rounded-xl border border-line-strong bg-raised"
    >
      <ResultHeader message={message} status={statusOf[kind]} />
      {isChild ? <FoldedBody>{body}</FoldedBody> : body}
    </article>
  );
}

interface ResultHeaderProps {
  readonly message: Message;
  readonly status: Status;
}

function ResultHeader({ message, status }: ResultHeaderProps): ReactElement {
  const bgoId = message.bgoId ?? "";
  const params = useEnvParams();
  const agent = useAgentName(message.authorAgentId);
  const { bgo } = useBgo(bgoId);
  const usage = bgo === undefined ? "" : formatUsage(bgo.usage);
  return (
    <header className="flex flex-wrap items-center gap-x-2 gap-y-1 border-b border-line bg-surface px-4 py-2 text-xs text-ink-3">
      <StatusChip status={status} />
      <p className="order-last min-w-0 basis-full tabular-nums sm:order-none sm:flex-1 sm:basis-0">
        <span className="font-semibold text-ink">{agent}</span>
        {" · from "}
        <Link
          to={`${envPath}/platos-tasks/$bgoId`}
          params={{ ...params, bgoId }}
          className="font-medium text-ink underline-offset-2 hover:underline"
        >
          {bgo === undefined ? "a background operation" : titleOfBgo(bgo)}
        </Link>
        {bgo !== undefined && bgo.startedAt !== null && (
          <>
            {" · "}
            <BgoDuration bgo={bgo} />
          </>
        )}
        {usage !== "" && ` · ${usage}`}
        {" · "}
        <RelativeTime iso={message.createdAt} />
      </p>
      <Button size="small" kind="quiet" className="-mr-2 ml-auto" onClick={() => goToElement(bgoCardId(bgoId))}>
        To its start
      </Button>
    </header>
  );
}

/** The result of a BGO that another one started: there for who wants it. */
function FoldedBody({ children }: { readonly children: ReactElement }): ReactElement {
  return (
    <details>
      <summary className="flex min-h-8 items-center px-4 text-xs text-ink-2 hover:bg-hover">Show the result</summary>
      {children}
    </details>
  );
}
