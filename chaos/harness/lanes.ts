/** Two cores are kept busy by three exercises that mostly wait, for leases and for disks. */
const lanes = 3;

/**
 * Does everything that `items` gives, some at a time: each lane takes the next one that nobody has begun. What a lane opens
 * is closed with `closing`, and the lanes at the same time.
 */
export async function inLanes<Item>(
  items: IterableIterator<Item>,
  closing: AsyncDisposableStack,
  run: (item: Item, closing: AsyncDisposableStack) => Promise<void>,
): Promise<void> {
  const stacks = Array.from({ length: lanes }, () => new AsyncDisposableStack());
  closing.defer(async () => void (await Promise.all(stacks.map((stack) => stack.disposeAsync()))));
  await Promise.all(
    stacks.map(async (stack) => {
      for (const item of items) await run(item, stack);
    }),
  );
}
