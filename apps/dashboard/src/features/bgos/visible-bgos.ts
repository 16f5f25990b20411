import type { Bgo } from "@platos-tasks/client";

/** What decides which rows a list shows. */
export interface ListView {
  /** Ids that the server's pages listed. */
  readonly listed: ReadonlySet<string>;
  /** True when there are older rows that were not asked for. */
  readonly hasMore: boolean;
  /** Whether a row that no page listed belongs into the list. */
  readonly matches: (bgo: Bgo) => boolean;
  /** Whether a listed row still does: its status may have changed since. */
  readonly stays: (bgo: Bgo) => boolean;
  /** Rows that stopped matching a moment ago. */
  readonly lingering: ReadonlySet<string>;
  /** Sort key above which rows are held back, so that nothing moves under the pointer; null shows all. */
  readonly ceiling: string | null;
}

export interface VisibleBgos {
  /** Newest first. */
  readonly ids: readonly string[];
  /** How many are held back. */
  readonly heldBack: number;
  /** The sort key of the first row; null in an empty list. */
  readonly top: string | null;
}

/** The rows of a list out of all that the page knows. */
export function visibleBgos(bgos: readonly Bgo[], view: ListView): VisibleBgos {
  const floor = view.hasMore ? oldestListed(bgos, view.listed) : null;
  const wanted = bgos
    .filter((bgo) => {
      if (view.lingering.has(bgo.id)) return true;
      if (view.listed.has(bgo.id)) return view.stays(bgo);
      return (floor === null || sortKey(bgo) > floor) && view.matches(bgo);
    })
    .toSorted((left, right) => (sortKey(left) < sortKey(right) ? 1 : -1));
  const { ceiling } = view;
  const shown = ceiling === null ? wanted : wanted.filter((bgo) => sortKey(bgo) <= ceiling);
  const first = shown[0];
  return {
    ids: shown.map((bgo) => bgo.id),
    heldBack: wanted.length - shown.length,
    top: first === undefined ? null : sortKey(first),
  };
}

/** Orders as the server does: by creation, then by id. */
function sortKey(bgo: Bgo): string {
  return `${bgo.createdAt} ${bgo.id}`;
}

function oldestListed(bgos: readonly Bgo[], listed: ReadonlySet<string>): string | null {
  let oldest: string | null = null;
  for (const bgo of bgos) {
    if (listed.has(bgo.id) && (oldest === null || sortKey(bgo) < oldest)) oldest = sortKey(bgo);
  }
  return oldest;
}
