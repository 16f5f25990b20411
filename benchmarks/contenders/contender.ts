import type { StartReport, Work, WorkReport } from "../harness/work.ts";

/** What is started with a contender's process. */
export interface ContenderSettings {
  readonly connectionString: string;
  /** Base URL of the stub, ends in `/v1`. */
  readonly modelUrl: string;
  /** Runs at once that it must be able to hold. */
  readonly concurrency: number;
}

/** Somebody who runs agents. Lives in a process of its own. */
export interface Contender {
  run(work: Work): Promise<WorkReport>;
  /** Begins runs one after the other on an idle system, each of one model call. */
  measureStarts(count: number): Promise<readonly StartReport[]>;
  close(): Promise<void>;
}

/** Does `count` things, `concurrency` at once. */
export async function inParallel(
  count: number,
  concurrency: number,
  doOne: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      await doOne(index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, count) }, lane));
}

/** CPU of this process that `work` has used. */
export async function withCpu<Result>(
  work: () => Promise<Result>,
): Promise<{ result: Result; cpuMs: number; elapsedMs: number }> {
  const before = process.cpuUsage();
  const beganMs = performance.now();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return { result, cpuMs: (user + system) / 1000, elapsedMs: performance.now() - beganMs };
}
