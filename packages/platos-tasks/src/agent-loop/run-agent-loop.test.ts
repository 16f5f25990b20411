import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { verifies } from "../../../../spec/verifies.ts";
import type { Budget } from "../core/budget.ts";
import { limits } from "../core/caps.ts";
import { PlatosError } from "../core/errors.ts";
import { transcriptOf, type RecordedStep, type Step } from "../core/journal.ts";
import type { Json } from "../core/json.ts";
import type { Journal } from "../core/ports/journal.ts";
import { defineTool, type Tool, type ToolContext, type ToolEffect } from "../core/tool.ts";
import type { AssistantPart, ToolResult } from "../core/transcript.ts";
import { call, scriptedModelPort, text, type ScriptedModelPort } from "../testing/scripted-model-port.ts";
import { runAgentLoop, type AgentLoopOptions } from "./run-agent-loop.ts";
import { spentIn } from "./spent.ts";

/** Keeps what was committed, as a database does over the deaths of its clients. */
class MemoryJournal {
  readonly commits: Step[][] = [];
  readonly doings: string[] = [];

  get steps(): Step[] {
    // As a database gives it back.
    return JSON.parse(JSON.stringify(this.commits.flat())) as Step[];
  }

  /** `dieAt`: the number of the record that crashes; `when`: before or after it is committed. */
  open(dieAt = Number.POSITIVE_INFINITY, when: "before" | "after" = "after"): Journal {
    let count = 0;
    const recorded = this.steps.map((step, stepNo): RecordedStep => ({
      stepNo,
      epoch: 1,
      createdAt: new Date(0),
      step,
    }));
    return {
      recorded,
      record: (steps, doing) => {
        count += 1;
        if (count === dieAt && when === "before") return Promise.reject(new Error("crash"));
        this.commits.push([...steps]);
        this.doings.push(doing);
        if (count === dieAt) return Promise.reject(new Error("crash"));
        const spent = spentIn(this.steps, 1);
        return Promise.resolve({ modelCalls: spent.turns, usage: spent.usage, elapsedSeconds: spent.seconds });
      },
    };
  }
}

interface Effect {
  readonly tool: string;
  readonly key: string;
}

function effectTool(name: string, effect: ToolEffect, effects: Effect[], run?: Tool["run"]): Tool {
  return defineTool({
    name,
    description: name,
    effect,
    inputSchema: z.object({ q: z.string().optional() }),
    run: async (input, context) => {
      effects.push({ tool: name, key: context.callKey });
      return run === undefined ? `${name} done` : await run(input, context);
    },
  });
}

const hash = (value: string): string => createHash("sha256").update(value).digest("hex");
const scope = { orgId: "org", projectId: "prj", envId: "env" };

/** Runs the loop and delivers as a worker does: what is unrecorded at the end is recorded with the delivery. */
async function loop(options: {
  readonly journal: Journal;
  readonly modelPort: ScriptedModelPort;
  readonly tools?: readonly Tool[];
  readonly budget?: Budget;
  readonly signal?: AbortSignal;
  readonly pause?: AbortSignal;
  readonly onText?: AgentLoopOptions["onText"];
  readonly mayGoOn?: AgentLoopOptions["mayGoOn"];
}): Promise<{ readonly kind: string; readonly text: string }> {
  const outcome = await runAgentLoop({
    ownerId: "bgo_1",
    model: "stub:model",
    system: "Be brief.",
    opening: [{ role: "user", text: "Do it." }],
    tools: options.tools ?? [],
    toolContext: { scope, threadId: "thr_1", bgoId: "bgo_1" },
    budget: options.budget ?? {},
    journal: options.journal,
    modelPort: options.modelPort,
    hash,
    signal: options.signal ?? new AbortController().signal,
    ...(options.pause === undefined ? {} : { pause: options.pause }),
    ...(options.onText === undefined ? {} : { onText: options.onText }),
    ...(options.mayGoOn === undefined ? {} : { mayGoOn: options.mayGoOn }),
  });
  if (outcome.kind === "budget_exhausted") return outcome;
  if (outcome.unrecorded.length > 0) await options.journal.record(outcome.unrecorded, "finishing");
  return { kind: outcome.kind, text: outcome.kind === "finished" ? outcome.text : "" };
}

function resultsOf(journal: MemoryJournal): ToolResult[] {
  return journal.steps.flatMap((step) => (step.kind === "tool_result" ? [step.result] : []));
}

function kindsOf(commits: readonly (readonly Step[])[]): string[] {
  return commits.map((steps) => steps.map((step) => step.kind).join("+"));
}

function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

test("a run that is paused finishes and records the step at hand, begins no other, and can be taken up", async () => {
  verifies("P8");
  const journal = new MemoryJournal();
  const effects: Effect[] = [];
  const pay = effectTool("pay", "at_most_once", effects);
  const modelPort = scriptedModelPort([{ parts: [call("pay", { n: 1 })] }, { parts: [text("Paid.")] }]);
  const pause = new AbortController();
  const pausing: Tool = {
    ...pay,
    run: async (input, context) => {
      pause.abort(new Error("pausing"));
      return pay.run(input, context);
    },
  };
  await expect(loop({ journal: journal.open(), modelPort, tools: [pausing], pause: pause.signal })).rejects.toThrow(
    "pausing",
  );
  expect(kindsOf(journal.commits)).toEqual(["model+tool_intent", "tool_result"]);
  expect(await loop({ journal: journal.open(), modelPort, tools: [pay] })).toEqual({ kind: "finished", text: "Paid." });
  expect(effects).toHaveLength(1);
});

test("a model that fails loses no result, however little it would have cost to make it again", async () => {
  verifies("P8");
  const journal = new MemoryJournal();
  const effects: Effect[] = [];
  const modelPort = scriptedModelPort([{ parts: [call("look", {})] }]);
  const run = loop({ journal: journal.open(), modelPort, tools: [effectTool("look", "pure", effects)] });
  await expect(run).rejects.toThrow("The script has no turn 1.");
  expect(kindsOf(journal.commits)).toEqual(["model", "tool_result"]);
});

test("a run that is stopped for good writes nothing more, not even what it held", async () => {
  verifies("P17");
  const journal = new MemoryJournal();
  const stop = new AbortController();
  const scripted = scriptedModelPort([{ parts: [call("look", {})] }, { parts: [text("too late")] }]);
  const modelPort: ScriptedModelPort = {
    requests: scripted.requests,
    respond: (request) => {
      if (request.transcript.length > 1) stop.abort(new Error("cancelled"));
      return scripted.respond(request);
    },
  };
  const tools = [effectTool("look", "pure", [])];
  await expect(loop({ journal: journal.open(), modelPort, tools, signal: stop.signal })).rejects.toThrow("cancelled");
  expect(kindsOf(journal.commits)).toEqual(["model"]);
});

test("a database that is lost inside a tool stops the run; the model is not told that the call failed", async () => {
  verifies("P2");
  const journal = new MemoryJournal();
  const effects: Effect[] = [];
  const spawn = effectTool("spawn", "idempotent", effects);
  const losing: Tool = {
    ...spawn,
    run: async (input, context) => {
      await spawn.run(input, context);
      throw new PlatosError("store.commit_unknown", "The connection was lost.", { retryable: true });
    },
  };
  const modelPort = scriptedModelPort([{ parts: [call("spawn", { n: 1 })] }, { parts: [text("Spawned.")] }]);
  await expect(loop({ journal: journal.open(), modelPort, tools: [losing] })).rejects.toMatchObject({
    code: "store.commit_unknown",
  });
  expect(kindsOf(journal.commits)).toEqual(["model"]);
  expect(await loop({ journal: journal.open(), modelPort, tools: [spawn] })).toMatchObject({ text: "Spawned." });
  // Run again under the same key, so that whoever keeps the key knows it for the same call.
  expect(new Set(effects.map((effect) => effect.key)).size).toBe(1);
});

describe("a run without a crash", () => {
  test("goes from call to call until the model only talks", async () => {
    verifies("P7");
    const journal = new MemoryJournal();
    const effects: Effect[] = [];
    const modelPort = scriptedModelPort([
      { parts: [text("Looking."), call("look", { q: "a" })] },
      { parts: [text("Found it.")] },
    ]);
    const outcome = await loop({ journal: journal.open(), modelPort, tools: [effectTool("look", "pure", effects)] });
    expect(outcome).toEqual({ kind: "finished", text: "Found it." });
    expect(kindsOf(journal.commits)).toEqual(["model", "tool_result+model"]);
    expect(journal.doings).toEqual(["tool look", "finishing"]);
    expect(modelPort.requests[1]?.transcript).toEqual([
      { role: "user", text: "Do it." },
      ...transcriptOf(journal.steps.slice(0, 2)),
    ]);
    expect(modelPort.requests[0]?.tools).toMatchObject([
      { name: "look", inputSchema: { type: "object", properties: { q: { type: "string" } } } },
    ]);
  });

  test("offers the model the tools it was given and no others", async () => {
    verifies("P7");
    const journal = new MemoryJournal();
    const modelPort = scriptedModelPort([{ parts: [call("rm_rf", {})] }, { parts: [text("Sorry.")] }]);
    await loop({ journal: journal.open(), modelPort, tools: [effectTool("look", "pure", [])] });
    expect(modelPort.requests[0]?.tools.map((tool) => tool.name)).toEqual(["look"]);
    expect(resultsOf(journal)).toMatchObject([
      {
        callId: "rm_rf",
        error: { code: "tool.not_found", message: expect.stringContaining("Use one of: look") as unknown },
      },
    ]);
  });

  test("commits the intent of a first at-most-once call with the response, and later ones with the results so far", async () => {
    const journal = new MemoryJournal();
    const effects: Effect[] = [];
    const tools = [
      effectTool("pay", "at_most_once", effects),
      effectTool("look", "pure", effects),
      effectTool("mail", "at_most_once", effects),
    ];
    const modelPort = scriptedModelPort([
      {
        parts: [
          call("pay", {}),
          call("look", {}, "l1"),
          call("look", {}, "l2"),
          call("mail", {}),
          call("look", {}, "l3"),
        ],
      },
      { parts: [text("Done.")] },
    ]);
    await loop({ journal: journal.open(), modelPort, tools });
    expect(kindsOf(journal.commits)).toEqual([
      "model+tool_intent",
      "tool_result+tool_result+tool_result+tool_intent",
      "tool_result+tool_result",
      "model",
    ]);
    expect(journal.doings).toEqual(["tool pay", "tool mail", "thinking", "finishing"]);
    expect(effects.map((effect) => effect.tool)).toEqual(["pay", "look", "look", "mail", "look"]);
    expect(resultsOf(journal).map((result) => result.callId)).toEqual(["pay", "l1", "l2", "mail", "l3"]);
  });

  test("runs repeatable neighbours side by side and at-most-once calls alone", async () => {
    const journal = new MemoryJournal();
    const effects: Effect[] = [];
    const second = gate();
    const tools = [
      // Ends only once its neighbour has begun.
      effectTool("first", "pure", effects, async () => {
        await second.opened;
        return "first";
      }),
      effectTool("second", "idempotent", effects, () => {
        second.open();
        return Promise.resolve("second");
      }),
    ];
    const modelPort = scriptedModelPort([
      { parts: [call("first", {}), call("second", {})] },
      { parts: [text("Done.")] },
    ]);
    await loop({ journal: journal.open(), modelPort, tools });
    expect(resultsOf(journal).map((result) => result.output)).toEqual(["first", "second"]);
    expect(journal.doings[0]).toBe("tools first, second");
  });

  test("tells the pieces of each model call apart, and starts over when a try had to be taken back", async () => {
    const pieces: unknown[] = [];
    const scripted = scriptedModelPort([{ parts: [text("one"), call("look", {})] }, { parts: [text("three")] }]);
    const modelPort: ScriptedModelPort = {
      requests: scripted.requests,
      respond(request) {
        if (scripted.requests.length === 0) {
          request.onText?.({ text: "on", restart: false });
          request.onText?.({ text: "e", restart: false });
        } else {
          request.onText?.({ text: "tw", restart: false });
          request.onText?.({ text: "", restart: true });
          request.onText?.({ text: "three", restart: false });
        }
        return scripted.respond(request);
      },
    };
    await loop({
      journal: new MemoryJournal().open(),
      modelPort,
      tools: [effectTool("look", "pure", [])],
      onText: (piece) => pieces.push(piece),
    });
    expect(pieces).toEqual([
      { modelCall: 0, offset: 0, text: "on" },
      { modelCall: 0, offset: 2, text: "e" },
      { modelCall: 1, offset: 0, text: "tw" },
      { modelCall: 1, offset: 0, text: "" },
      { modelCall: 1, offset: 0, text: "three" },
    ]);
  });
});

describe("a crash", () => {
  // Two at-most-once calls with repeatable ones around them, then another round, then the end.
  const script: readonly { readonly parts: readonly AssistantPart[] }[] = [
    { parts: [call("look", { q: "x" }, "a"), call("pay", {}, "b"), call("save", {}, "c"), call("mail", {}, "d")] },
    { parts: [call("pay", {}, "e")] },
    { parts: [text("All done.")] },
  ];
  const total = 7;

  function play(effects: Effect[], journal: Journal, modelPort: ScriptedModelPort): ReturnType<typeof loop> {
    const tools = [
      effectTool("look", "pure", effects),
      effectTool("save", "idempotent", effects),
      effectTool("pay", "at_most_once", effects),
      effectTool("mail", "at_most_once", effects),
    ];
    return loop({ journal, modelPort, tools });
  }

  test("the script takes as many commits as the crash points below are", async () => {
    const journal = new MemoryJournal();
    await play([], journal.open(), scriptedModelPort(script));
    expect(journal.commits).toHaveLength(total);
  });

  const points = Array.from({ length: total }, (_, index) => index + 1).flatMap((at) =>
    (["before", "after"] as const).map((when) => ({ at, when })),
  );

  test.each(points)(
    "$when commit $at loses nothing that was recorded and repeats nothing that may not be",
    async ({ at, when }) => {
      verifies("P8", "P8.a");
      const journal = new MemoryJournal();
      const effects: Effect[] = [];
      const modelPort = scriptedModelPort(script);
      await expect(play(effects, journal.open(at, when), modelPort)).rejects.toThrow("crash");
      const paidBefore = kindsOf(journal.commits).filter((kinds) => kinds.startsWith("model")).length;
      const askedBefore = modelPort.requests.length;
      const outcome = await play(effects, journal.open(), modelPort);

      expect(outcome).toEqual({ kind: "finished", text: "All done." });
      // Only a call whose response was lost before its commit is made again.
      expect(modelPort.requests.length - askedBefore).toBe(script.length - paidBefore);
      const responses = journal.steps.filter((step) => step.kind === "model");
      expect(responses).toHaveLength(script.length);
      expect(
        resultsOf(journal)
          .map((result) => result.callId)
          .toSorted(),
      ).toEqual(["a", "b", "c", "d", "e"]);
      for (const name of ["pay", "mail"]) {
        const keys = effects.filter((effect) => effect.tool === name).map((effect) => effect.key);
        expect(new Set(keys).size, `${name} ran twice under one key`).toBe(keys.length);
      }
      for (const name of ["look", "save"]) {
        const keys = effects.filter((effect) => effect.tool === name).map((effect) => effect.key);
        expect(new Set(keys).size, `${name} ran again under another key`).toBe(1);
      }
      for (const result of resultsOf(journal)) {
        const ran = effects.some((effect) => effect.tool === result.tool);
        expect(ran || result.error?.message.includes("outcome unknown")).toBe(true);
      }
    },
  );

  test("after every single commit in turn still ends, with each model call paid once", async () => {
    verifies("P8", "P8.a");
    const journal = new MemoryJournal();
    const effects: Effect[] = [];
    const modelPort = scriptedModelPort(script);
    let outcome: Awaited<ReturnType<typeof loop>> | null = null;
    let lives = 0;
    for (; outcome === null && lives < 20; lives += 1) {
      outcome = await play(effects, journal.open(1, "after"), modelPort).catch((error: Error) => {
        if (error.message !== "crash") throw error;
        return null;
      });
    }
    expect(outcome).toEqual({ kind: "finished", text: "All done." });
    expect(modelPort.requests).toHaveLength(script.length);
  });

  test("between an intent and its result makes the honest answer that the outcome is unknown", async () => {
    const journal = new MemoryJournal();
    const effects: Effect[] = [];
    const modelPort = scriptedModelPort([{ parts: [call("pay", {})] }, { parts: [text("I will ask.")] }]);
    const tools = [effectTool("pay", "at_most_once", effects)];
    await expect(loop({ journal: journal.open(2, "before"), modelPort, tools })).rejects.toThrow("crash");
    expect(effects).toHaveLength(1);
    await loop({ journal: journal.open(), modelPort, tools });
    expect(effects).toHaveLength(1);
    const [result] = resultsOf(journal);
    expect(result?.error).toEqual({
      code: "tool.failed",
      message: expect.stringContaining("outcome unknown, not retried") as unknown,
    });
    expect(modelPort.requests.at(-1)?.transcript.at(-1)).toMatchObject({ role: "tool", results: [{ callId: "pay" }] });
  });

  test("after the final response was recorded costs no further model call", async () => {
    verifies("P8.a");
    const journal = new MemoryJournal();
    const modelPort = scriptedModelPort([{ parts: [text("Done.")] }]);
    await expect(loop({ journal: journal.open(1, "after"), modelPort })).rejects.toThrow("crash");
    expect(await loop({ journal: journal.open(), modelPort })).toEqual({ kind: "finished", text: "Done." });
    expect(modelPort.requests).toHaveLength(1);
  });
});

describe("call keys", () => {
  async function keysOf(parts: readonly AssistantPart[]): Promise<string[]> {
    const effects: Effect[] = [];
    const modelPort = scriptedModelPort([{ parts }, { parts: [text("Done.")] }]);
    await loop({ journal: new MemoryJournal().open(), modelPort, tools: [effectTool("save", "idempotent", effects)] });
    return effects.map((effect) => effect.key);
  }

  test("do not depend on call ids or on the order of argument keys", async () => {
    verifies("P2");
    const [left] = await keysOf([call("save", { a: 1, q: "x" }, "one")]);
    const [right] = await keysOf([call("save", { q: "x", a: 1 }, "two")]);
    expect(left).toBe(right);
    expect(left).toMatch(/^[0-9a-f]{64}$/u);
  });

  test("differ for equal calls of one response, by their ordinal", async () => {
    verifies("P2");
    const keys = await keysOf([call("save", { q: "x" }, "one"), call("save", { q: "x" }, "two")]);
    expect(new Set(keys).size).toBe(2);
  });

  test("differ from step to step", async () => {
    const effects: Effect[] = [];
    const same = { parts: [call("save", { q: "x" })] };
    const modelPort = scriptedModelPort([same, same, { parts: [text("Done.")] }]);
    await loop({ journal: new MemoryJournal().open(), modelPort, tools: [effectTool("save", "idempotent", effects)] });
    expect(new Set(effects.map((effect) => effect.key)).size).toBe(2);
  });
});

describe("what goes wrong in a tool", () => {
  async function resultOf(tool: Tool, args: Json = {}): Promise<ToolResult | undefined> {
    const journal = new MemoryJournal();
    const modelPort = scriptedModelPort([{ parts: [call(tool.name, args)] }, { parts: [text("Done.")] }]);
    await loop({ journal: journal.open(), modelPort, tools: [tool] });
    return resultsOf(journal)[0];
  }

  test("invalid arguments never reach it", async () => {
    const effects: Effect[] = [];
    const result = await resultOf(effectTool("pay", "at_most_once", effects), { q: 7 });
    expect(effects).toEqual([]);
    expect(result?.error).toMatchObject({ code: "input.invalid", message: expect.stringContaining("q:") as unknown });
  });

  test("an error of ours is told as it is, any other without its message and stack", async () => {
    const ours = await resultOf(
      effectTool("t", "pure", [], () => Promise.reject(new PlatosError("egress.refused", "Not that host."))),
    );
    expect(ours?.error).toEqual({ code: "egress.refused", message: "Not that host." });
    const theirs = await resultOf(effectTool("t", "pure", [], () => Promise.reject(new Error("password=hunter2"))));
    expect(theirs?.error?.code).toBe("internal");
    expect(JSON.stringify(theirs)).not.toContain("hunter2");
  });

  test("one that takes too long is stopped and the model is told", async () => {
    let seen: AbortSignal | undefined;
    const slow: Tool = {
      ...effectTool("slow", "pure", [], (_input, context: ToolContext) => {
        seen = context.signal;
        return new Promise<Json>(() => undefined);
      }),
      timeoutMs: 5,
    };
    const result = await resultOf(slow);
    expect(result?.error?.message).toContain("took longer than 0.005 seconds");
    expect(seen?.aborted).toBe(true);
  });

  test("output beyond the limit is cut and says so", async () => {
    const size = limits.toolOutputChars + 50;
    const cutText = await resultOf(effectTool("t", "pure", [], () => Promise.resolve("x".repeat(size))));
    expect(String(cutText?.output)).toMatch(/^x+\n\[cut here: the first 200000 of 200050 characters; 50 left out\]$/u);
    const cutJson = await resultOf(
      effectTool("t", "pure", [], () => Promise.resolve({ rows: Array(size).fill(1) as number[] })),
    );
    expect(String(cutJson?.output)).toMatch(/^\{"rows":\[1,1.*cut here/su);
  });

  test("output that is too deep for whoever goes down into it is kept as its text", async () => {
    const nested = (depth: number) => JSON.parse("[".repeat(depth) + "]".repeat(depth)) as Json;
    const shallow = await resultOf(effectTool("t", "pure", [], () => Promise.resolve(nested(limits.valueDepth))));
    expect(shallow?.output).toEqual(nested(limits.valueDepth));
    const deep = await resultOf(effectTool("t", "pure", [], () => Promise.resolve(nested(2000))));
    expect(deep?.output).toBe("[".repeat(2000) + "]".repeat(2000));
  });

  test("text that no database holds is made storable", async () => {
    verifies("R4");
    const result = await resultOf(effectTool("t", "pure", [], () => Promise.resolve({ raw: "a\u0000b\uD800" })));
    expect(result?.output).toEqual({ raw: "a\uFFFDb\uFFFD" });
  });
});

describe("call ids", () => {
  test("that repeat, in one answer or from an earlier one, or are empty, are made unique before they are recorded", async () => {
    const journal = new MemoryJournal();
    const modelPort = scriptedModelPort([
      { parts: [call("look", { q: "1" }, "x"), call("look", { q: "2" }, "x"), call("look", { q: "3" }, "")] },
      { parts: [call("look", { q: "4" }, "x")] },
      { parts: [text("Done.")] },
    ]);
    await loop({ journal: journal.open(), modelPort, tools: [effectTool("look", "pure", [])] });
    const ids = resultsOf(journal).map((result) => result.callId);
    expect(ids).toEqual(["x", "x_2", "call_0_2", "x_3"]);
    const called = journal.steps.flatMap((step) => (step.kind === "model" ? step.response.parts : []));
    expect(called.flatMap((part) => (part.type === "tool_call" ? [part.callId] : []))).toEqual(ids);
  });
});

describe("an end by budget", () => {
  test("stops before the next model call and keeps what was last said", async () => {
    verifies("P10", "P10.a");
    const journal = new MemoryJournal();
    const modelPort = scriptedModelPort([
      { parts: [text("Half of it."), call("look", {}, "a")] },
      { parts: [call("look", {}, "b")] },
      { parts: [text("All.")] },
    ]);
    const outcome = await loop({
      journal: journal.open(),
      modelPort,
      tools: [effectTool("look", "pure", [])],
      budget: { maxTurns: 2 },
    });
    expect(outcome).toEqual({ kind: "budget_exhausted", limit: "its 2 model calls", text: "Half of it." });
    expect(modelPort.requests).toHaveLength(2);
    expect(resultsOf(journal)).toHaveLength(2);
  });

  test("a model that calls for ever is stopped by the default limit", async () => {
    verifies("P10");
    const modelPort = scriptedModelPort(Array.from({ length: 60 }, () => ({ parts: [call("look", {})] })));
    const outcome = await loop({
      journal: new MemoryJournal().open(),
      modelPort,
      tools: [effectTool("look", "pure", [])],
    });
    expect(outcome).toMatchObject({ kind: "budget_exhausted", limit: "its 50 model calls" });
    expect(modelPort.requests).toHaveLength(50);
  });

  test("counts what was used before the crash", async () => {
    verifies("P10");
    const journal = new MemoryJournal();
    const modelPort = scriptedModelPort([{ parts: [call("look", {})] }, { parts: [text("Done.")] }]);
    const tools = [effectTool("look", "pure", [])];
    const budget = { maxTokens: 15 };
    await expect(loop({ journal: journal.open(1), modelPort, tools, budget })).rejects.toThrow("crash");
    const outcome = await loop({ journal: journal.open(), modelPort, tools, budget });
    expect(outcome).toMatchObject({ kind: "budget_exhausted", limit: "its 15 tokens" });
  });
});

describe("an abort", () => {
  test("while a tool runs is rethrown at once and nothing more is recorded", async () => {
    verifies("P17");
    const journal = new MemoryJournal();
    const stop = new AbortController();
    const begun = gate();
    const deaf = effectTool("deaf", "pure", [], () => {
      begun.open();
      return new Promise<Json>(() => undefined);
    });
    const modelPort = scriptedModelPort([{ parts: [call("deaf", {})] }]);
    const running = loop({ journal: journal.open(), modelPort, tools: [deaf], signal: stop.signal });
    await begun.opened;
    const reason = new Error("cancelled");
    stop.abort(reason);
    await expect(running).rejects.toBe(reason);
    expect(kindsOf(journal.commits)).toEqual(["model"]);
  });

  test("while the model answers drops the answer", async () => {
    verifies("P17");
    const journal = new MemoryJournal();
    const stop = new AbortController();
    const reason = new Error("lease lost");
    const scripted = scriptedModelPort([{ parts: [text("Too late.")] }]);
    const modelPort: ScriptedModelPort = {
      requests: scripted.requests,
      respond(request) {
        stop.abort(reason);
        return scripted.respond(request);
      },
    };
    await expect(loop({ journal: journal.open(), modelPort, signal: stop.signal })).rejects.toBe(reason);
    expect(journal.commits).toEqual([]);
  });
});

describe("an answer that cannot be used", () => {
  test("is never recorded", async () => {
    const journal = new MemoryJournal();
    const empty = scriptedModelPort([{ parts: [] }]);
    await expect(loop({ journal: journal.open(), modelPort: empty })).rejects.toMatchObject({ code: "model.failed" });
    const refused = scriptedModelPort([{ parts: [text("I can")], finishReason: "content_filter" }]);
    await expect(loop({ journal: journal.open(), modelPort: refused })).rejects.toMatchObject({
      code: "model.refused",
    });
    expect(journal.commits).toEqual([]);
  });

  test("one that reached its length limit with text is the result as it stands", async () => {
    const modelPort = scriptedModelPort([{ parts: [text("So far")], finishReason: "length" }]);
    expect(await loop({ journal: new MemoryJournal().open(), modelPort })).toEqual({
      kind: "finished",
      text: "So far",
    });
  });
});

test("who may not go on asks no model and runs no more tools; a call whose intent is recorded is run", async () => {
  verifies("P17");
  const answers = [{ parts: [call("send", {}), call("look", {})] }, { parts: [text("done")] }];
  const play = async (refusedAt: number) => {
    const effects: Effect[] = [];
    const modelPort = scriptedModelPort(answers);
    let asked = 0;
    const mayGoOn = async (): Promise<void> => {
      asked += 1;
      if (asked === refusedAt) throw new Error("no longer ours");
    };
    const tools = [effectTool("send", "at_most_once", effects), effectTool("look", "pure", effects)];
    const ran = loop({ journal: new MemoryJournal().open(), modelPort, tools, mayGoOn });
    await expect(ran).rejects.toThrow("no longer ours");
    return { requests: modelPort.requests.length, effects: effects.map(({ tool }) => tool) };
  };
  expect(await play(1)).toEqual({ requests: 0, effects: [] });
  expect(await play(2)).toEqual({ requests: 1, effects: ["send"] });
  expect(await play(3)).toEqual({ requests: 1, effects: ["send", "look"] });
});
