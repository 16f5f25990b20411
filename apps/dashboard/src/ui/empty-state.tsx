import type { ReactElement, ReactNode } from "react";

import { Icon } from "./icon.tsx";
import type { IconName } from "./icon.tsx";

export interface EmptyStateProps {
  readonly icon: IconName;
  readonly title: string;
  /** Teaches what would be here, or says which filter hides it. */
  readonly children: ReactNode;
  readonly action?: ReactNode;
  /** 1 where it is the whole page. */
  readonly headingLevel?: 1 | 2;
}

export function EmptyState({ icon, title, children, action, headingLevel = 2 }: EmptyStateProps): ReactElement {
  const Heading = `h${headingLevel}` as const;
  return (
    <div className="mx-auto flex max-w-sm flex-col items-center px-4 py-16 text-center">
      <span className="mb-4 grid size-10 place-items-center rounded-xl border border-line bg-surface text-ink-3">
        <Icon name={icon} size={18} />
      </span>
      <Heading className="text-base font-semibold">{title}</Heading>
      <div className="mt-1 text-sm text-pretty text-ink-2">{children}</div>
      {action !== undefined && <div className="mt-4">{action}</div>}
    </div>
  );
}
