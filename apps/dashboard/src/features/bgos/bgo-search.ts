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
  /** Only what waits for the people at this dashboard. */
  readonly needs?: "you";
}

/** What a filter looks up beside the BGO itself. */
export interface SearchLookups {
  /** Ids of the agent that the filter names by id or slug. */
  readonly agentIds: ReadonlySet<string>;
  /** Ids of the BGOs that wait for you. */
  readonly needing: ReadonlySet<string>;
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
    ...(search["needs"] === "you" && { needs: "you" }),
  };
}

export function isFiltered(search: BgoSearch): boolean {
  return Object.values(search).some((value) => value !== undefined && value.length > 0);
}

/** Only what waits for you, or anything again. It has one status, so none can be chosen beside it. */
export function toggleNeeds(search: BgoSearch): BgoSearch {
  const { needs, status: _status, ...rest } = search;
  return needs === undefined ? { ...rest, needs: "you" } : rest;
}

/** Adds a status to the filter or takes it out; in the fixed order, so that equal filters have equal addresses. */
export function toggleStatus(search: BgoSearch, status: Status): BgoSearch {
  const { status: current = [], needs: _needs, ...rest } = search;
  const next = statuses.filter((word) => current.includes(word) !== (word === status));
  return next.length === 0 ? rest : { ...rest, status: next };
}

/** The filters as the server takes them. */
export function filtersOf(search: BgoSearch, nowMs: number): BgoFilters {
  const { since, needs, ...rest } = search;
  return {
    ...rest,
    ...(needs !== undefined && { status: ["waiting"] }),
    ...(since !== undefined && { since: new Date(nowMs - spansMs[since]).toISOString() }),
  };
}

/** Whether what may change about a row still fits: its status, and whether it waits for you. */
export function staysInSearch(bgo: Bgo, search: BgoSearch, { needing }: Pick<SearchLookups, "needing">): boolean {
  const { status, needs } = search;
  if (status !== undefined && !status.includes(bgo.status)) return false;
  return needs === undefined || (bgo.status === "waiting" && needing.has(bgo.id));
}

/** Whether a row that an event brought belongs into the list. */
export function matchesSearch(bgo: Bgo, search: BgoSearch, lookups: SearchLookups): boolean {
  const { q, thread, agent } = search;
  const { agentIds } = lookups;
  if (!staysInSearch(bgo, search, lookups)) return false;
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
