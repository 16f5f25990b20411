import { comparePlaces, type EventPlace, type SeenStretch } from "./event-watcher.ts";

/** An event as the database has it. */
export interface LoggedPlace extends EventPlace {
  readonly type: string;
  /** The row it tells of. */
  readonly rowId: string;
}

/**
 * Compares what a client was shown with the log, in the log's order. Of several updates of one row that are read
 * together only the last is shown, so of updates only the last of each row must have been seen. The last stretch must
 * reach to the end of the log.
 */
export function stretchViolations({ places }: SeenStretch, logged: readonly LoggedPlace[], isLast: boolean): string[] {
  const last = places.at(-1);
  const covered = isLast ? logged : logged.filter((place) => last !== undefined && comparePlaces(place, last) <= 0);
  const seen = new Set(places.map(keyOf));
  const known = new Set(logged.map(keyOf));
  const repeated = places.filter((place, index) => index > 0 && comparePlaces(places[index - 1] ?? place, place) >= 0);
  const invented = places.filter((place) => !known.has(keyOf(place)));
  const missed = mustBeSeen(covered, isLast).filter((place) => !seen.has(keyOf(place)));
  return [
    ...(repeated.length === 0 ? [] : [`was shown ${repeated.length} events again or out of order`]),
    ...(invented.length === 0 ? [] : [`was shown ${invented.length} events that are not in the log`]),
    ...(missed.length === 0
      ? []
      : [`missed ${missed.length} of ${covered.length} events, first ${missed[0]?.type} of ${missed[0]?.rowId}`]),
  ];
}

function mustBeSeen(covered: readonly LoggedPlace[], isLast: boolean): LoggedPlace[] {
  const lastUpdates = new Map(
    covered.filter(({ type }) => type.endsWith(".updated")).map((place) => [`${place.type} ${place.rowId}`, place]),
  );
  return [...covered.filter(({ type }) => !type.endsWith(".updated")), ...(isLast ? lastUpdates.values() : [])];
}

function keyOf({ xid, id }: EventPlace): string {
  return `${xid}-${id}`;
}
