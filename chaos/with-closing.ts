import { setTimeout as delay } from "node:timers/promises";

/** Longer than everything takes to end in order; somebody waits for us. */
const longestMs = 20_000;
const never = new Promise<never>(() => undefined);

/**
 * Runs with a stack of what must be taken away: at the end, also of a run that fails, and when we are told to stop. A
 * signal often comes twice, from the process group and from npm; the second must not end us before all is gone.
 */
export async function withClosing<Result>(run: (closing: AsyncDisposableStack) => Promise<Result>): Promise<Result> {
  const closing = new AsyncDisposableStack();
  let closed: Promise<void> | undefined;
  let isTold = false;
  const close = (): Promise<void> => (closed ??= closing.disposeAsync());
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isTold) return;
    isTold = true;
    process.stderr.write(`${signal}: ending what was started\n`);
    // What is said of things that go away under it is no news, and must not end us before they are gone.
    process.on("uncaughtException", () => undefined);
    void endWith(close());
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
  try {
    return await run(closing);
  } finally {
    await close();
    // A run that was cut short has nothing to report.
    if (isTold) await never;
    process.off("SIGTERM", onSignal);
    process.off("SIGINT", onSignal);
  }
}

async function endWith(closed: Promise<void>): Promise<never> {
  const said = await Promise.race([
    closed.then(
      () => null,
      (error: unknown) => `not everything could be ended: ${String(error)}`,
    ),
    delay(longestMs, `not everything has ended within ${longestMs / 1000} s`),
  ]);
  if (said !== null) process.stderr.write(`${said}\n`);
  process.exit(1);
}
