/** A piece of an answer that is being written. Travels beside the event log and is never stored. */
export interface MessageDelta {
  readonly type: "message.delta";
  readonly envId: string;
  readonly threadId: string;
  readonly turnId: string;
  readonly messageId: string;
  /** Number of the model call within its turn, from 0. */
  readonly modelCall: number;
  /** Where `text` begins in that call's text so far; 0 starts it over. */
  readonly offset: number;
  readonly text: string;
}

/** Tells open viewers what is not worth storing. Best effort: whoever misses it sees the stored row soon after. */
export interface LivePort {
  publishDelta(delta: MessageDelta): void;
}
