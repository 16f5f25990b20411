import { type Bgo, isTerminal, type PlatosClient } from "@platos-tasks/client";

export interface FollowOptions {
  readonly bgoIds: readonly string[];
  /** Called with each newer state of one of them. */
  readonly onChange?: (bgo: Bgo) => void;
  readonly signal?: AbortSignal;
}

/** Topics that one stream may follow. */
const topicsPerStream = 50;

/** Waits until all of them have ended, however often the connection is lost; gives them in the order they were named. */
export async function followBgos(client: PlatosClient, options: FollowOptions): Promise<Bgo[]> {
  const streams: Promise<Bgo[]>[] = [];
  for (let start = 0; start < options.bgoIds.length; start += topicsPerStream) {
    const bgoIds = options.bgoIds.slice(start, start + topicsPerStream);
    streams.push(followOnce(client, { ...options, bgoIds }));
  }
  return (await Promise.all(streams)).flat();
}

async function followOnce(client: PlatosClient, { bgoIds, onChange, signal }: FollowOptions): Promise<Bgo[]> {
  const newest = new Map<string, Bgo>();
  const done = new AbortController();
  let failure: unknown = null;
  const take = (bgo: Bgo): void => {
    const known = newest.get(bgo.id);
    if (known !== undefined && known.rev >= bgo.rev) return;
    newest.set(bgo.id, bgo);
    onChange?.(bgo);
    if (bgoIds.every((id) => hasEnded(newest.get(id)))) done.abort();
  };
  // What happened before the stream was open, or while it was down, is on the rows.
  const look = (): void => {
    Promise.all(bgoIds.map(async (id) => take(await client.bgos.get(id, { signal: done.signal })))).catch(
      (error: unknown) => {
        if (done.signal.aborted) return;
        failure = error;
        done.abort();
      },
    );
  };
  await client.subscribe({
    topics: bgoIds.map((id) => `bgo:${id}` as const),
    signal: signal === undefined ? done.signal : AbortSignal.any([signal, done.signal]),
    onState: (state) => {
      if (state.name === "live") look();
      if (state.name === "closed") failure ??= state.error;
    },
    onEvent: (event) => {
      if (event.type === "resync") look();
      if (event.type === "bgo.created" || event.type === "bgo.updated") take(event.bgo);
    },
  });
  if (failure !== null) throw failure;
  signal?.throwIfAborted();
  return bgoIds.flatMap((id) => newest.get(id) ?? []);
}

function hasEnded(bgo: Bgo | undefined): boolean {
  return bgo !== undefined && isTerminal(bgo.status);
}
