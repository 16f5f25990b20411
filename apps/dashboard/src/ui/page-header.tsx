import { useEffect, useRef } from "react";
import type { ReactElement, ReactNode } from "react";

export interface PageHeaderProps {
  readonly title: string;
  /** Small things beside the title: a status, a count. */
  readonly aside?: ReactNode;
  readonly actions?: ReactNode;
  /** What leads back up. */
  readonly before?: ReactNode;
}

let isFirstPage = true;

export function PageHeader({ title, aside, actions, before }: PageHeaderProps): ReactElement {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // A link that led here is gone, and the focus with it: it goes on at the heading, which is then read out.
    if (!isFirstPage && document.activeElement === document.body) heading.current?.focus({ preventScroll: true });
    isFirstPage = false;
  }, []);
  return (
    <header className="flex min-h-12 shrink-0 flex-wrap items-center gap-x-2 gap-y-1 border-b border-line bg-canvas px-4 py-2">
      <title>{`${title} · Platos Tasks`}</title>
      {before}
      <h1 ref={heading} tabIndex={-1} className="min-w-0 truncate outline-none text-base font-semibold max-sm:flex-1">
        {title}
      </h1>
      {aside !== undefined && <div className="max-sm:order-last max-sm:basis-full max-sm:pl-8">{aside}</div>}
      <div className="ml-auto flex shrink-0 items-center gap-2">{actions}</div>
    </header>
  );
}
