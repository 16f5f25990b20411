import type { ReactElement, ReactNode } from "react";

export interface SectionProps {
  readonly title: string;
  readonly children: ReactNode;
}

/** One part of a BGO's page. */
export function Section({ title, children }: SectionProps): ReactElement {
  return (
    <section className="min-w-0">
      <h2 className="mb-2 text-xs font-medium text-ink-3">{title}</h2>
      {children}
    </section>
  );
}
