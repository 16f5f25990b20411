import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";

import { envPath, useEnvParams } from "../../env/env-path.ts";
import { buttonClass } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { statusLooks } from "../../ui/status-look.ts";
import { isFiltered, sinceChoices } from "./bgo-search.ts";
import type { BgoSearch } from "./bgo-search.ts";

/** Either nothing was ever started, or a filter hides it: two different things to say. */
export function BgoListEmpty({ search }: { readonly search: BgoSearch }): ReactElement {
  const params = useEnvParams();
  if (isFiltered(search)) {
    const clear = (
      <Link to={`${envPath}/platos-tasks`} params={params} className={buttonClass("secondary")}>
        Clear filters
      </Link>
    );
    return (
      <EmptyState icon="search" title="Nothing matches" action={clear}>
        No background operation is {describe(search)}.
      </EmptyState>
    );
  }
  const open = (
    <Link to={`${envPath}/threads`} params={params} className={buttonClass("primary")}>
      Open a thread
    </Link>
  );
  return (
    <EmptyState icon="layers" title="No background operations yet" action={open}>
      When an agent calls <code className="font-mono text-xs">spawn_bgo</code> in a thread, its work shows up here and
      its result lands in that thread. Ask your agent for something that takes a while.
    </EmptyState>
  );
}

function describe(search: BgoSearch): string {
  const { status, q, thread, agent, since, needs } = search;
  const sinceLabel = sinceChoices.find(({ value }) => value === since)?.label.toLowerCase();
  return [
    needs === undefined ? "" : "waiting for you",
    status === undefined ? "" : status.map((word) => statusLooks[word].word.toLowerCase()).join(" or "),
    agent === undefined ? "" : `of agent “${agent}”`,
    thread === undefined ? "" : "in this thread",
    sinceLabel === undefined ? "" : `from the ${sinceLabel}`,
    q === undefined ? "" : `found by “${q}”`,
  ]
    .filter((words) => words !== "")
    .join(", ");
}
