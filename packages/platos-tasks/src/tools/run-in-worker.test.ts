import { describe, expect, it } from "vitest";
import type { WorkerJob } from "./run-in-worker.ts";
import { runInWorker, workerEntry } from "./run-in-worker.ts";

function job(code: string, options: Partial<WorkerJob> = {}): WorkerJob {
  return {
    entry: new URL(
      `data:text/javascript,${encodeURIComponent(`import { parentPort, workerData } from "node:worker_threads";${code}`)}`,
    ),
    input: { number: 20 },
    label: "Adding up",
    advice: "Add less.",
    timeoutMs: 20_000,
    memoryMb: 64,
    signal: new AbortController().signal,
    ...options,
  };
}

describe("runInWorker", () => {
  it("gives back what the worker answers", async () => {
    const code = "parentPort.postMessage({ ok: true, value: workerData.number + 1 });";
    expect(await runInWorker(job(code))).toBe(21);
  });

  it("lets the worker see no environment variables", async () => {
    const code = "parentPort.postMessage({ ok: true, value: Object.keys(process.env) });";
    expect(await runInWorker(job(code))).toEqual([]);
  });

  it("ends work that never ends", async () => {
    await expect(runInWorker(job("for (;;);", { timeoutMs: 300 }))).rejects.toMatchObject({
      code: "tool.failed",
      message: "Adding up took longer than 0.3 s. Add less.",
    });
  });

  it("ends work that eats all memory", async () => {
    const code = "const kept = []; for (;;) kept.push(new Array(10_000).fill(kept.length));";
    await expect(runInWorker(job(code))).rejects.toMatchObject({
      code: "tool.failed",
      message: expect.stringContaining("needed more than 64 MB"),
    });
  });

  it.each([
    [
      "says that it failed",
      'parentPort.postMessage({ ok: false, message: "too many numbers" });',
      "failed: too many numbers",
    ],
    ["throws", 'throw new Error("secret detail");', "Adding up failed."],
    ["leaves without an answer", "process.exit(0);", "ended without a result"],
  ])("fails when the worker %s", async (_name, code, message) => {
    await expect(runInWorker(job(code))).rejects.toMatchObject({
      code: "tool.failed",
      message: expect.stringContaining(message),
    });
  });

  it("ends at once when the caller aborts, and gives the caller's reason", async () => {
    const reason = new Error("cancelled");
    const controller = new AbortController();
    const running = runInWorker(job("for (;;);", { signal: controller.signal }));
    controller.abort(reason);
    await expect(running).rejects.toBe(reason);
    await expect(runInWorker(job("for (;;);", { signal: controller.signal }))).rejects.toBe(reason);
  });

  it("runs more work than there are places, each in its turn", async () => {
    const code = "parentPort.postMessage({ ok: true, value: workerData });";
    const inputs = Array.from({ length: 10 }, (_, index) => index);
    expect(await Promise.all(inputs.map(async (input) => runInWorker(job(code, { input }))))).toEqual(inputs);
  });
});

it("finds a worker's entry under the extension of the code that asks", () => {
  expect(workerEntry("page-worker", "file:///app/src/tools/x.ts").href).toBe("file:///app/src/tools/page-worker.ts");
  expect(workerEntry("page-worker", "file:///app/dist/tools/x.js").href).toBe("file:///app/dist/tools/page-worker.js");
});
