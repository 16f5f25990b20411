import { readUIMessageStream, type UIMessage, type UIMessageChunk } from "ai";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import type { MessagePart } from "../core/message.ts";
import type { UiMessageChunk } from "./ui-message-chunk.ts";
import { UiMessageStream } from "./ui-message-stream.ts";

const newStream = (canReset = true): UiMessageStream =>
  new UiMessageStream({ messageId: "msg_1", metadata: { threadId: "thr_1" }, canReset });

/** What a stock client makes of the chunks, without the state that only it keeps. */
async function readByClient(chunks: readonly UiMessageChunk[]): Promise<{ id: string; parts: unknown[] }> {
  const stream = new ReadableStream<UIMessageChunk>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk as UIMessageChunk);
      controller.close();
    },
  });
  let last: UIMessage | undefined;
  for await (const message of readUIMessageStream({ stream, terminateOnError: true })) last = message;
  const parts = (last?.parts ?? []).map((part) => {
    if (part.type === "text" || part.type === "reasoning") return { type: part.type, text: part.text };
    if (part.type !== "dynamic-tool") return part;
    const { type, toolName, toolCallId, state, input, output, errorText } = part;
    return JSON.parse(JSON.stringify({ type, toolName, toolCallId, state, input, output, errorText })) as unknown;
  });
  return { id: last?.id ?? "", parts };
}

const text = (value: string): MessagePart => ({ type: "text", text: value });
const begin: MessagePart = { type: "step-start" };
const toolCall = { type: "dynamic-tool", toolName: "spawn_bgo", toolCallId: "c1", input: { prompt: "x" } } as const;

describe("an answer as a UI message stream", () => {
  test("is told piece by piece and completed from what is stored", async () => {
    verifies("P32");
    const ui = newStream();
    const chunks = [
      ...ui.start(),
      ...ui.delta({ modelCall: 0, offset: 0, text: "Hel" }),
      ...ui.delta({ modelCall: 0, offset: 3, text: "lo " }),
      // A piece is lost here; the next one cannot be placed.
      ...ui.delta({ modelCall: 0, offset: 9, text: "ld" }),
      ...ui.stored([begin, text("Hello world")]),
      ...ui.finish(),
    ];
    expect(chunks.map((chunk) => chunk.type)).toEqual([
      "start",
      "start-step",
      "text-start",
      "text-delta",
      "text-delta",
      "text-delta",
      "text-end",
      "finish-step",
      "finish",
    ]);
    expect(await readByClient(chunks)).toEqual({ id: "msg_1", parts: [begin, text("Hello world")] });
  });

  test("shows the text of the next call only when every result before it was told", () => {
    const ui = newStream();
    const asked = ui.stored([begin, { ...toolCall, state: "input-available" }]);
    expect(asked.map((chunk) => chunk.type)).toEqual(["start-step", "tool-input-available"]);
    expect(ui.delta({ modelCall: 1, offset: 0, text: "Done" })).toEqual([]);
    const answered = ui.stored([begin, { ...toolCall, state: "output-available", output: { bgoId: "bgo_1" } }]);
    expect(answered).toMatchObject([
      { type: "tool-output-available", toolCallId: "c1", output: { bgoId: "bgo_1" } },
      { type: "finish-step" },
      { type: "start-step" },
      { type: "text-start" },
      { type: "text-delta", delta: "Done" },
    ]);
  });

  test("takes nothing back while a call that starts over says the same again", () => {
    const ui = newStream();
    ui.delta({ modelCall: 0, offset: 0, text: "Hello wor" });
    expect(ui.delta({ modelCall: 0, offset: 0, text: "Hel" })).toEqual([]);
    expect(ui.delta({ modelCall: 0, offset: 3, text: "lo world" })).toMatchObject([
      { type: "text-delta", delta: "ld" },
    ]);
    const other = ui.delta({ modelCall: 0, offset: 0, text: "Good" });
    expect(other.map((chunk) => chunk.type)).toEqual(["text-end", "reset-step", "text-start", "text-delta"]);
  });

  test("sends no chunk that older clients refuse when they ask for that", async () => {
    const ui = newStream(false);
    const chunks = [
      ...ui.start(),
      ...ui.delta({ modelCall: 0, offset: 0, text: "Hello" }),
      ...ui.delta({ modelCall: 0, offset: 0, text: "Good" }),
      ...ui.stored([begin, { type: "reasoning", text: "hm" }, text("Good day")]),
      ...ui.finish(),
    ];
    expect(chunks.map((chunk) => chunk.type)).not.toContain("reset-step");
    expect((await readByClient(chunks)).parts).toEqual([begin, text("Hello"), text("Good day")]);
  });

  test("keeps the cards of BGOs when a step is taken back", async () => {
    const ui = newStream();
    const chunks = [
      ...ui.start(),
      ...ui.delta({ modelCall: 0, offset: 0, text: "one" }),
      ...ui.bgo("bgo_1", { status: "running" }),
      ...ui.bgo("bgo_1", { status: "running", progress: "half" }),
      ...ui.delta({ modelCall: 0, offset: 0, text: "two" }),
      ...ui.bgo("bgo_1", { status: "completed" }),
      ...ui.stored([begin, text("two")]),
      ...ui.finish(),
    ];
    const cards = chunks.filter((chunk) => chunk.type === "data-bgo");
    expect(cards.map(({ transient }) => transient)).toEqual([false, true, false, false]);
    const { parts } = await readByClient(chunks);
    expect(parts).toContainEqual(text("two"));
    expect(parts).toContainEqual(
      expect.objectContaining({ type: "data-bgo", id: "bgo_1", data: { status: "completed" } }),
    );
    expect(parts).toHaveLength(3);
  });

  test("ends equal to what is stored, whatever of it was streamed, lost, repeated or begun again", async () => {
    verifies("P32");
    await fc.assert(
      fc.asyncProperty(fc.array(arbitraryStep, { minLength: 1, maxLength: 4 }), arbitraryNoise, checkEnd),
      {
        numRuns: 150,
      },
    );
  });
});

const arbitraryPart = fc.oneof(
  fc.record({ type: fc.constantFrom("text", "reasoning"), text: fc.string({ minLength: 1, maxLength: 12 }) }),
  fc.record({ type: fc.constant("call"), error: fc.boolean() }),
);
const arbitraryStep = fc.array(arbitraryPart, { minLength: 1, maxLength: 3 });
const arbitraryNoise = fc.array(
  fc.record({ cut: fc.nat(12), lose: fc.boolean(), restart: fc.boolean(), snapshot: fc.boolean() }),
  { minLength: 1, maxLength: 12 },
);

type Script = readonly (readonly ({ type: string; text: string } | { type: string; error: boolean })[])[];
type Noise = readonly { cut: number; lose: boolean; restart: boolean; snapshot: boolean }[];

async function checkEnd(script: Script, noise: Noise): Promise<void> {
  const ui = newStream();
  const chunks = [...ui.start()];
  const stored: MessagePart[] = [];
  for (const [modelCall, step] of script.entries()) {
    const said = step.map((part) => ("text" in part && part.type === "text" ? part.text : "")).join("");
    let offset = 0;
    for (const { cut, lose, restart, snapshot } of noise) {
      if (restart) offset = 0;
      const piece = restart ? "other words" : said.slice(offset, offset + cut);
      if (!lose) chunks.push(...ui.delta({ modelCall, offset, text: piece }));
      offset = restart ? 0 : offset + piece.length;
      if (snapshot) chunks.push(...ui.stored(stored));
    }
    const open = step.map((part, index) => partOf(part, `${modelCall}.${index}`, false));
    chunks.push(...ui.stored([...stored, begin, ...open]));
    stored.push(begin, ...step.map((part, index) => partOf(part, `${modelCall}.${index}`, true)));
    chunks.push(...ui.stored(stored));
  }
  chunks.push(...ui.finish());
  expect((await readByClient(chunks)).parts).toEqual(stored);
}

function partOf(part: Script[number][number], toolCallId: string, isAnswered: boolean): MessagePart {
  if ("text" in part) return { type: part.type === "text" ? "text" : "reasoning", text: part.text };
  const call = { type: "dynamic-tool", toolName: "tool", toolCallId, input: { n: 1 } } as const;
  if (!isAnswered) return { ...call, state: "input-available" };
  return part.error
    ? { ...call, state: "output-error", errorText: "no" }
    : { ...call, state: "output-available", output: { ok: true } };
}
