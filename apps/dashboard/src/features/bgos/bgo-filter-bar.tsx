import { statuses } from "@platos-tasks/client";
import { useNavigate } from "@tanstack/react-router";
import type { ReactElement } from "react";

import { useAgents } from "../../agent/list-agents.ts";
import { envPath, useEnvParams } from "../../env/env-path.ts";
import { Button } from "../../ui/button.tsx";
import { Icon } from "../../ui/icon.tsx";
import { statusLooks } from "../../ui/status-look.ts";
import { useNeedsYou } from "../../wait/use-needs-you.ts";
import { isFiltered, sinceChoices, toggleNeeds, toggleStatus } from "./bgo-search.ts";
import type { BgoSearch } from "./bgo-search.ts";
import { SearchField } from "./search-field.tsx";

/** Every choice goes into the address: it can be kept, sent and gone back to. */
export function BgoFilterBar({ search }: { readonly search: BgoSearch }): ReactElement {
  const params = useEnvParams();
  const navigate = useNavigate();
  const go = (next: BgoSearch): void => void navigate({ to: `${envPath}/platos-tasks`, params, search: next });
  const { q: _q, ...withoutQ } = search;
  const { thread: _thread, ...withoutThread } = search;
  return (
    <search className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-2 border-b border-line bg-canvas px-4 py-2">
      <div className="flex flex-wrap gap-1">
        <NeedsToggle search={search} onChange={go} />
        <StatusToggles search={search} onChange={go} />
      </div>
      <div className="flex min-w-0 grow basis-96 flex-wrap items-center gap-2">
        <SearchField value={search.q ?? ""} onChange={(q) => go(q === "" ? withoutQ : { ...search, q })} />
        <SinceSelect search={search} onChange={go} />
        <AgentSelect search={search} onChange={go} />
        {search.thread !== undefined && (
          <Button size="small" onClick={() => go(withoutThread)} aria-label="Show all threads">
            In one thread
            <Icon name="cross" size={12} />
          </Button>
        )}
        {isFiltered(search) && (
          <Button kind="quiet" size="small" onClick={() => go({})}>
            Clear
          </Button>
        )}
      </div>
    </search>
  );
}

interface FilterProps {
  readonly search: BgoSearch;
  readonly onChange: (next: BgoSearch) => void;
}

const toggleClass = "inline-flex h-7 items-center gap-1 rounded-md border px-2 text-xs font-medium transition-colors";
const unpressedClass = "border-line text-ink-2 hover:bg-hover hover:text-ink";

function NeedsToggle({ search, onChange }: FilterProps): ReactElement {
  const { bgoIds } = useNeedsYou();
  const pressed = search.needs !== undefined;
  return (
    <button
      type="button"
      aria-pressed={pressed}
      onClick={() => onChange(toggleNeeds(search))}
      className={`${toggleClass} ${pressed ? "border-current bg-accent-soft text-accent" : unpressedClass}`}
    >
      <Icon name="question" size={12} className={pressed ? "" : "text-accent"} />
      Needs you
      {bgoIds.size > 0 && <span className="tabular-nums">{bgoIds.size}</span>}
    </button>
  );
}

function StatusToggles({ search, onChange }: FilterProps): ReactElement {
  return (
    <div role="group" aria-label="Status" className="flex flex-wrap gap-1">
      {statuses.map((status) => {
        const look = statusLooks[status];
        const pressed = search.status?.includes(status) === true;
        return (
          <button
            key={status}
            type="button"
            aria-pressed={pressed}
            onClick={() => onChange(toggleStatus(search, status))}
            className={`${toggleClass} ${pressed ? `border-current ${look.chip}` : unpressedClass}`}
          >
            <Icon name={look.icon} size={12} className={pressed ? "" : look.text} />
            {look.word}
          </button>
        );
      })}
    </div>
  );
}

const selectClass = "h-7 rounded-md border border-line-strong bg-raised px-1.5 text-xs text-ink hover:bg-hover";

function SinceSelect({ search, onChange }: FilterProps): ReactElement {
  const { since: _since, ...rest } = search;
  return (
    <select
      aria-label="Started within"
      value={search.since ?? ""}
      onChange={({ target }) => {
        const since = sinceChoices.find(({ value }) => value === target.value)?.value;
        onChange(since === undefined ? rest : { ...rest, since });
      }}
      className={selectClass}
    >
      <option value="">Any time</option>
      {sinceChoices.map(({ value, label }) => (
        <option key={value} value={value}>
          {label}
        </option>
      ))}
    </select>
  );
}

function AgentSelect({ search, onChange }: FilterProps): ReactElement | null {
  const { data: agents } = useAgents();
  const { agent: _agent, ...rest } = search;
  if (agents === undefined || (agents.length < 2 && search.agent === undefined)) return null;
  const known = agents.some(({ id, slug }) => id === search.agent || slug === search.agent);
  return (
    <select
      aria-label="Agent"
      value={search.agent ?? ""}
      onChange={({ target }) => onChange(target.value === "" ? rest : { ...rest, agent: target.value })}
      className={selectClass}
    >
      <option value="">Any agent</option>
      {agents.map(({ id, slug, name }) => (
        <option key={id} value={id === search.agent ? id : slug}>
          {name}
        </option>
      ))}
      {search.agent !== undefined && !known && <option value={search.agent}>{search.agent}</option>}
    </select>
  );
}
