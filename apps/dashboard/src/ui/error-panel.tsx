import { PlatosApiError } from "@platos-tasks/client";
import type { ReactElement } from "react";

import { Button } from "./button.tsx";
import { Icon } from "./icon.tsx";

export interface ErrorPanelProps {
  readonly error: unknown;
  /** What could not be done: "The threads could not be loaded." */
  readonly title: string;
  readonly onRetry?: () => void;
}

/** What went wrong, in the server's words, with what support would ask for. */
export function ErrorPanel({ error, title, onRetry }: ErrorPanelProps): ReactElement {
  const problem = error instanceof PlatosApiError ? error.problem : null;
  const detail = problem?.detail ?? (error instanceof Error ? error.message : null);
  const marks = problem === null ? [] : [problem.code, problem.traceId].filter((mark) => mark !== null);
  return (
    <div role="alert" className="flex gap-3 rounded-lg border border-line bg-failed-soft px-4 py-3 text-sm">
      <Icon name="cross" className="mt-0.5 text-failed" />
      <div className="min-w-0 flex-1">
        <p className="font-medium text-failed">{title}</p>
        {detail !== null && <p className="mt-0.5 wrap-anywhere text-ink">{detail}</p>}
        {problem !== null && problem.errors.length > 0 && (
          <ul className="mt-1 list-disc pl-4 wrap-anywhere">
            {problem.errors.map((issue) => (
              <li key={`${issue.path} ${issue.message}`}>
                {issue.path === "" ? "" : `${issue.path}: `}
                {issue.message}
              </li>
            ))}
          </ul>
        )}
        {marks.length > 0 && <p className="mt-1 font-mono text-2xs wrap-anywhere text-ink-2">{marks.join(" · ")}</p>}
      </div>
      {onRetry !== undefined && (
        <Button size="small" onClick={onRetry} className="self-start">
          Retry
        </Button>
      )}
    </div>
  );
}
