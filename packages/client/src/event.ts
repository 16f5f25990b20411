import type { Bgo } from "./bgo.ts";
import type { Message } from "./message.ts";
import type { Turn } from "./turn.ts";
import type { Waitpoint } from "./waitpoint.ts";

/** What every stored event has: the JSON in the `data:` line of one server-sent event. */
interface EventHead {
  /** The cursor; equal to the `id:` line. Opaque. */
  readonly id: string;
  readonly at: string;
}

export interface MessageEvent extends EventHead {
  readonly type: "message.created" | "message.updated";
  readonly threadId: string;
  readonly bgoId: string | null;
  readonly message: Message;
}

export interface TurnEvent extends EventHead {
  readonly type: "turn.started" | "turn.finished";
  readonly threadId: string;
  readonly turn: Turn;
}

export interface BgoEvent extends EventHead {
  readonly type: "bgo.created" | "bgo.updated";
  readonly threadId: string;
  readonly bgoId: string;
  /** The whole row, not a patch. */
  readonly bgo: Bgo;
}

export interface WaitpointEvent extends EventHead {
  readonly type: "waitpoint.created" | "waitpoint.resolved";
  readonly threadId: string;
  /** Null when a turn waits. */
  readonly bgoId: string | null;
  readonly waitpoint: Waitpoint;
}

/** The cursor asked for is too old or of another log: read the snapshots again, then go on from this `id`. */
export interface ResyncEvent extends EventHead {
  readonly type: "resync";
}

/**
 * A piece of an answer that is being written: sent without an `id:` line, never stored, never repeated. The stored
 * message is the truth and follows.
 */
export interface MessageDeltaEvent {
  readonly type: "message.delta";
  readonly at: string;
  readonly threadId: string;
  readonly turnId: string;
  /** The message that will hold the text. */
  readonly messageId: string;
  /** Number of the model call within its turn, from 0. */
  readonly modelCall: number;
  /** Where `text` begins in that call's text so far, in UTF-16 units; 0 starts it over. */
  readonly offset: number;
  readonly text: string;
}

export type StoredEvent = MessageEvent | TurnEvent | BgoEvent | WaitpointEvent | ResyncEvent;

export type PlatosEvent = StoredEvent | MessageDeltaEvent;

/** What may be followed: one thread, one BGO, or all BGOs of the environment. */
export type Topic = "bgos" | `thread:${string}` | `bgo:${string}`;
