import { setTimeout as delay } from "node:timers/promises";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, type ModelMessage, type ToolSet } from "ai";
import { z } from "zod";
import { firstCallAt } from "../harness/start-model-stub.ts";
import { idleMs, markedPrompt, modelFor, type StartReport, systemPrompt, type Work } from "../harness/work.ts";
import { BareJournal } from "./bare-journal.ts";
import { type Contender, type ContenderSettings, inParallel, withCpu } from "./contender.ts";

// Without `execute`: the loop is ours, so that each response is journalled before its tool runs.
const tools: ToolSet = { noop: { description: "Does nothing.", inputSchema: z.object({}) } };

/** The AI SDK with a journal written by hand: what anybody could do in an afternoon, and the floor for durable runs. */
export async function openBare(settings: ContenderSettings): Promise<Contender> {
  const journal = await BareJournal.open(settings.connectionString, Math.min(20, settings.concurrency));
  const loop = new BareLoop(journal, settings.modelUrl);
  return {
    async run(work) {
      const stepsMs: number[] = [];
      const { cpuMs, elapsedMs } = await withCpu(() =>
        inParallel(work.runs, work.concurrency, async () => {
          const beganMs = performance.now();
          const runId = await journal.start(markedPrompt("none"));
          const output = await loop.run(runId, "none", work);
          stepsMs.push(performance.now() - beganMs);
          await journal.end(runId, output);
        }),
      );
      return { cpuMs, elapsedMs, stepsMs };
    },
    async measureStarts(count) {
      const reports: StartReport[] = [];
      for (let index = 0; index < count; index += 1) {
        reports.push(await measureStart(journal, loop, settings.modelUrl));
        await delay(idleMs);
      }
      return reports;
    },
    close: () => journal.close(),
  };
}

class BareLoop {
  readonly #journal: BareJournal;
  readonly #provider: ReturnType<typeof createOpenAICompatible>;

  constructor(journal: BareJournal, modelUrl: string) {
    this.#journal = journal;
    this.#provider = createOpenAICompatible({ name: "stub", baseURL: modelUrl });
  }

  async run(runId: string, mark: string, work: Pick<Work, "turns" | "modelDelayMs" | "answerBytes">): Promise<string> {
    const model = this.#provider.chatModel(modelFor(work));
    const messages: ModelMessage[] = [{ role: "user", content: markedPrompt(mark) }];
    for (let stepNo = 0; ;) {
      const { text, toolCalls, responseMessages } = await generateText({
        model,
        system: systemPrompt,
        messages,
        tools,
        maxRetries: 0,
      });
      messages.push(...responseMessages);
      await this.#journal.record(runId, stepNo++, { kind: "model", data: responseMessages });
      if (toolCalls.length === 0) return text;
      for (const { toolCallId, toolName } of toolCalls) {
        const output = { type: "text", value: "ok" } as const;
        const result = {
          role: "tool" as const,
          content: [{ type: "tool-result" as const, toolCallId, toolName, output }],
        };
        messages.push(result);
        await this.#journal.record(runId, stepNo++, { kind: "tool", data: result });
      }
    }
  }
}

const oneAnswer = { turns: 1, modelDelayMs: 0, answerBytes: 40 };
let marks = 0;

async function measureStart(journal: BareJournal, loop: BareLoop, modelUrl: string): Promise<StartReport> {
  const mark = `bare${(marks += 1)}`;
  const beganMs = performance.now();
  const runId = await journal.start(markedPrompt(mark));
  const committedAt = process.hrtime.bigint();
  const ackMs = performance.now() - beganMs;
  await journal.end(runId, await loop.run(runId, mark, oneAnswer));
  return { ackMs, firstCallMs: Number((await firstCallAt(modelUrl, mark)) - committedAt) / 1e6 };
}
