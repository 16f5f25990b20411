import { Fragment } from "react";
import type { ReactElement, ReactNode } from "react";

export interface Fact {
  readonly name: string;
  readonly value: ReactNode;
}

/** Names and values in two columns. */
export function Facts({ facts }: { readonly facts: readonly Fact[] }): ReactElement {
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-5 gap-y-1.5 text-sm">
      {facts.map((fact) => (
        <Fragment key={fact.name}>
          <dt className="text-ink-3">{fact.name}</dt>
          <dd className="min-w-0 wrap-anywhere tabular-nums">{fact.value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}
