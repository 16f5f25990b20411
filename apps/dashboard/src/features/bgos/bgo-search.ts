import { statuses } from "@platos-tasks/client";
import type { Bgo, BgoFilters, Status } from "@platos-tasks/client";

const spansMs = { "1h": 3_600_000, "24h": 86_400_000, "7d": 604_800_000 } as const;

export type Since = keyof typeof spansMs;

export const sinceChoices: readonly { readonly value: Since; readonly label: string }[] = [
  { value: "1h", label: "Last hour" },
  { value: "24h", label: "Last 24 hours" },
  { value: "7d", label: "Last 7 days" },
];

/** The list's filters as its address says them: `?status=failed,running&since=24h&q=invoice`. */
export interface BgoSearch {
  readonly status?: readonly Status[];
  readonly q?: string;
  readonly thread?: string;
  readonly agent?: string;
  readonly since?: Since;
}

/** Keeps what is known and drops the rest, so that any address shows a list. */
export function validateBgoSearch(search: Record<string, unknown>): BgoSearch {
  const status = wordsOf(search["status"]);
  const known = statuses.filter((word) => status.includes(word));
  const since = sinceChoices.find(({ value }) => value === search["since"])?.value;
  return {
    ...(known.length > 0 && { status: known }),
    ...textField("q", search["q"]),
    ...textField("thread", search["thread"]),
    ...textField("agent", search["agent"]),
    ...(since !== undefined && { since }),
  };
}

export function isFiltered(search: BgoSearch): boolean {
  return Object.values(search).some((value) => value !== undefined && value.length > 0);
}

/** Adds a status to the filter or takes it out; in the fixed order, so that equal filters have equal addresses. */
export function toggleStatus(search: BgoSearch, status: Status): BgoSearch {
  const { status: current = [], ...rest } = search;
  const next = statuses.filter((word) => current.includes(word) !== (word === status));
  return next.length === 0 ? rest : { ...rest, status: next };
}

/** The filters as the server takes them. */
export function filtersOf(search: BgoSearch, nowMs: number): BgoFilters {
  const { since, ...rest } = search;
  return since === undefined ? rest : { ...rest, since: new Date(nowMs - spansMs[since]).toISOString() };
}

/** Whether a row that an event brought belongs into the list; `agentIds` resolves the filter's id or slug. */
export function matchesSearch(bgo: Bgo, search: BgoSearch, agentIds: ReadonlySet<string>): boolean {
  const { status, q, thread, agent } = search;
  if (status !== undefined && !status.includes(bgo.status)) return false;
  if (thread !== undefined && bgo.threadId !== thread) return false;
  if (agent !== undefined && !agentIds.has(bgo.agentId)) return false;
  if (q === undefined) return true;
  const text = `${bgo.id} ${bgo.label ?? ""} ${bgo.prompt}`.toLowerCase();
  return q
    .toLowerCase()
    .split(/\s+/u)
    .every((word) => text.includes(word));
}

function wordsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.map(String);
  return typeof value === "string" ? value.split(",") : [];
}

function textField<Name extends string>(name: Name, value: unknown): { readonly [Key in Name]?: string } {
  if (typeof value !== "string" || value.trim() === "") return {};
  const field: { [Key in Name]?: string } = {};
  field[name] = value;
  return field;
}
