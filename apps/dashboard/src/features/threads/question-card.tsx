import type { Message, Waitpoint } from "@platos-tasks/client";
import { titleOfBgo } from "@platos-tasks/client";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";

import { useAgentName } from "../../agent/list-agents.ts";
import { useBgo } from "../../bgo/use-bgo.ts";
import { envPath, useEnvParams } from "../../env/env-path.ts";
import { RelativeTime } from "../../time/relative-time.tsx";
import { Icon } from "../../ui/icon.tsx";
import { JsonBlock } from "../../ui/json-block.tsx";
import { useWait } from "../../wait/use-wait.ts";
import { WaitBody } from "../../wait/wait-body.tsx";
import { MessageBlocks } from "./message-blocks.tsx";
import { questionId } from "./transcript-anchor.ts";

export interface QuestionCardProps {
  readonly message: Message;
  readonly waitpointId: string;
}

/** What a BGO or the agent asks, with the place to answer it; afterwards, with what was answered. */
export function QuestionCard({ message, waitpointId }: QuestionCardProps): ReactElement {
  const { waitpoint, error } = useWait(waitpointId, message.threadId);
  const isApproval = waitpoint?.kind === "approval";
  const isOpen = waitpoint?.status === "open";
  return (
    <article
      id={questionId(waitpointId)}
      tabIndex={-1}
      aria-label={isApproval ? "Approval" : "Question"}
      className={`w-full scroll-my-8 overflow-hidden rounded-lg border border-l-3 border-line bg-raised ${isOpen ? "border-l-waiting" : "border-l-line-strong"}`}
    >
      <header
        className={`flex flex-wrap items-center gap-x-2 gap-y-0.5 px-3.5 py-2 text-xs text-ink-2 ${isOpen ? "bg-waiting-soft" : "bg-surface"}`}
      >
        <Icon name="question" className={isOpen ? "text-waiting" : "text-ink-3"} />
        <p className="min-w-0 flex-1 wrap-anywhere">
          <Asker message={message} isApproval={isApproval} isOpen={isOpen} />
        </p>
        {isOpen && (
          <span className="text-ink-3">
            ends <RelativeTime iso={waitpoint.expiresAt} />
          </span>
        )}
      </header>
      <div className="flex flex-col gap-3 px-3.5 py-3">
        {waitpoint !== undefined && isApproval ? (
          <AskedCall waitpoint={waitpoint} />
        ) : (
          <MessageBlocks message={message} />
        )}
        {waitpoint !== undefined && <WaitBody waitpoint={waitpoint} view="thread" />}
        {error !== null && (
          <p className="text-sm text-failed">Whether it is still open could not be read. {error.message}</p>
        )}
      </div>
    </article>
  );
}

interface AskerProps {
  readonly message: Message;
  readonly isApproval: boolean;
  readonly isOpen: boolean;
}

function Asker({ message, isApproval, isOpen }: AskerProps): ReactElement {
  const agent = useAgentName(message.authorAgentId);
  const who =
    message.bgoId === null ? <span className="font-semibold text-ink">{agent}</span> : <AskingBgo id={message.bgoId} />;
  return isApproval ? (
    <>
      <span className="font-semibold text-ink">{isOpen ? "Approval needed" : "Approval asked"}</span> by {who}
    </>
  ) : (
    <>{who} asks</>
  );
}

function AskingBgo({ id }: { readonly id: string }): ReactElement {
  const params = useEnvParams();
  const { bgo } = useBgo(id);
  return (
    <>
      BGO{" "}
      <Link
        to={`${envPath}/platos-tasks/$bgoId`}
        params={{ ...params, bgoId: id }}
        className="font-semibold text-ink underline-offset-2 hover:underline"
      >
        {bgo === undefined ? "in the background" : titleOfBgo(bgo)}
      </Link>
    </>
  );
}

/** The very call that is to be approved. */
function AskedCall({ waitpoint }: { readonly waitpoint: Waitpoint }): ReactElement {
  return (
    <div className="flex flex-col gap-2">
      <p className="text-sm">
        {waitpoint.status === "open" ? "May" : "Asked whether"}{" "}
        <code className="font-mono text-xs">{waitpoint.approval?.tool}</code>{" "}
        {waitpoint.status === "open" ? "run with these arguments?" : "may run with these arguments."}
      </p>
      {waitpoint.approval !== null && (
        <JsonBlock value={waitpoint.approval.args} label={`Arguments of ${waitpoint.approval.tool}`} />
      )}
    </div>
  );
}
