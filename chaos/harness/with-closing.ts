/**
 * Runs with a stack of what must be taken away: at the end, also of a run that fails, and when we are told to stop. A
 * signal often comes twice, from the process group and from npm; the second must not end us before all is gone.
 */
export async function withClosing<Result>(run: (closing: AsyncDisposableStack) => Promise<Result>): Promise<Result> {
  const closing = new AsyncDisposableStack();
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => (closed ??= closing.disposeAsync());
  const onSignal = (): void => void close().finally(() => process.exit(1));
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
  try {
    return await run(closing);
  } finally {
    await close();
    process.off("SIGTERM", onSignal);
    process.off("SIGINT", onSignal);
  }
}
