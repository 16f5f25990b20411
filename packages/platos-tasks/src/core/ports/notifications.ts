/** `events`: the event log has news. `segments`: work is waiting. `deltas`: a piece of an answer, as JSON. */
export type Channel = "events" | "segments" | "deltas";

/**
 * Hints between the processes on one database. Best effort and not ordered with commits: whoever depends on them must
 * also look by itself from time to time.
 */
export interface Notifications {
  /** Hints without a payload are sent at most every few dozen milliseconds per channel. Payloads stay below 7,900 bytes. */
  notify(channel: Channel, payload?: string): void;
  /** `onMissed` is called after a connection was lost and found again: anything may have been missed. */
  subscribe(channel: Channel, onHint: (payload: string) => void, onMissed?: () => void): () => void;
}
