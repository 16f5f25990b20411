import type { Waitpoint } from "@platos-tasks/client";
import type { ReactElement } from "react";

import { CopyButton } from "../ui/copy-button.tsx";

/** Where others may answer, to be passed on. Nothing when there is no such place. */
export function WaitLinks({ waitpoint }: { readonly waitpoint: Waitpoint }): ReactElement | null {
  const { publicUrl, webhookUrl } = waitpoint;
  if (publicUrl === null && webhookUrl === null) return null;
  return (
    <div className="flex flex-col gap-1.5">
      {publicUrl !== null && (
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
      )}
      {webhookUrl !== null && (
        <p className="flex min-w-0 items-center gap-1 text-xs text-ink-3">
          <span className="min-w-0 truncate">
            Webhook <span className="font-mono text-2xs">{webhookUrl}</span>
          </span>
          <CopyButton text={webhookUrl} label="Copy the address for webhooks" />
        </p>
      )}
    </div>
  );
}
