import type { Waitpoint } from "@platos-tasks/client";
import type { ReactElement } from "react";

import { CopyButton } from "../ui/copy-button.tsx";

export interface WaitLinkProps {
  readonly waitpoint: Waitpoint;
}

/** The page where whoever has its link may answer, to be passed on. */
export function PublicLink({ waitpoint: { publicUrl } }: WaitLinkProps): ReactElement | null {
  if (publicUrl === null) return null;
  return (
    <div className="flex min-w-0 items-center gap-1 rounded-md border border-line bg-surface py-0.5 pr-1 pl-2.5">
      <a
        href={publicUrl}
        target="_blank"
        rel="noopener noreferrer"
        className="min-w-0 flex-1 truncate text-xs text-accent underline underline-offset-2"
      >
        {publicUrl}
      </a>
      <CopyButton text={publicUrl} label="Copy the link" />
    </div>
  );
}

/** Where a program may answer. */
export function WebhookLink({ waitpoint: { webhookUrl } }: WaitLinkProps): ReactElement | null {
  if (webhookUrl === null) return null;
  return (
    <p className="flex min-w-0 items-center gap-1 text-xs text-ink-3">
      <span className="min-w-0 truncate">
        Webhook <span className="font-mono text-2xs">{webhookUrl}</span>
      </span>
      <CopyButton text={webhookUrl} label="Copy the address for webhooks" />
    </p>
  );
}
