import type { Topic } from "@platos-tasks/client";
import type { Context } from "hono";
import type { Log } from "../../core/ports/log.ts";
import type { Caller, OperationContext } from "../../operations/context.ts";
import { bgoNotFound, threadNotFound } from "../../operations/not-found.ts";
import type { EventFeed } from "../event-feed.ts";
import { eventBlock, eventStreamResponse, pingMs, pingText, withSilence } from "../event-stream.ts";
import { EventStreamLimit, noRoomResponse } from "../event-stream-limit.ts";
import type { EventSubscription } from "../event-subscription.ts";
import { idOfTopic, parseTopics } from "../event-topics.ts";

export interface EventsContext {
  readonly feed: EventFeed;
  readonly runtime: { readonly operations: OperationContext; readonly log: Log };
  /** Streams that may be open at once; 200 when absent. */
  readonly maxStreams?: number;
}

export type EventsHandler = (c: Context, caller: Caller, stillAllowed: () => Promise<boolean>) => Promise<Response>;

const defaultMaxStreams = 200;
const retryMs = 1000;

/** `GET /api/v1/events?topics=&after=`: what happens, as it happens. `Last-Event-ID` goes before `after`. */
export function createEventsHandler({ feed, runtime, maxStreams }: EventsContext): EventsHandler {
  const limit = new EventStreamLimit(maxStreams ?? defaultMaxStreams);
  return async (c, caller, stillAllowed) => {
    const topics = parseTopics((c.req.queries("topics") ?? []).join(","));
    await refuseForeignTopics(runtime.operations, caller, topics);
    const release = limit.open();
    if (release === null) return noRoomResponse({ path: c.req.path, traceId: traceIdOf(c) });
    const stop = new AbortController();
    const drop = new AbortController();
    const onEnd = (): void => {
      stop.abort();
      release();
    };
    try {
      const after = c.req.header("last-event-id") || c.req.query("after") || null;
      const { envId } = caller.scope;
      const subscription = await feed.subscribe({
        envId,
        topics,
        after,
        signal: stop.signal,
        onBehind: () => drop.abort(),
      });
      const chunks = blocksOf(subscription);
      return eventStreamResponse(c, { chunks, stillAllowed, dropped: drop.signal, onEnd, log: runtime.log });
    } catch (error) {
      onEnd();
      throw error;
    }
  };
}

async function* blocksOf(subscription: EventSubscription): AsyncGenerator<string, void, undefined> {
  yield `retry: ${retryMs}\n${cursorLine(subscription)}\n`;
  for await (const event of withSilence(subscription, pingMs)) {
    yield event === null ? `${cursorLine(subscription)}${pingText}` : eventBlock(event);
  }
}

/** An `id:` without data moves the client's cursor on over what was not for it, so that it does not grow old. */
function cursorLine({ cursor }: EventSubscription): string {
  return cursor === null ? "" : `id: ${cursor}\n`;
}

async function refuseForeignTopics(ctx: OperationContext, caller: Caller, topics: readonly Topic[]): Promise<void> {
  const { threads, bgos } = ctx.store.autocommit;
  for (const topic of topics) {
    const named = idOfTopic(topic);
    if (named?.kind === "thread" && (await threads.find(caller.scope, named.id)) === null) {
      throw threadNotFound(named.id);
    }
    if (named?.kind === "bgo" && (await bgos.find(caller.scope, named.id)) === null) throw bgoNotFound(named.id);
  }
}

/** Set by the application for every request. */
export function traceIdOf(c: Context): string | null {
  const traceId: unknown = c.get("traceId");
  return typeof traceId === "string" ? traceId : null;
}
