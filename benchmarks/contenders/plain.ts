import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, isStepCount, tool } from "ai";
import { z } from "zod";
import { markedPrompt, modelFor, systemPrompt, type Work } from "../harness/work.ts";
import { type Contender, type ContenderSettings, inParallel, withCpu } from "./contender.ts";

/** The AI SDK alone, as its documentation shows it: nothing survives the process. */
export async function openPlain({ modelUrl }: ContenderSettings): Promise<Contender> {
  const provider = createOpenAICompatible({ name: "stub", baseURL: modelUrl });
  const tools = { noop: tool({ description: "Does nothing.", inputSchema: z.object({}), execute: async () => "ok" }) };
  const runOnce = async (work: Work): Promise<void> => {
    const { steps } = await generateText({
      model: provider.chatModel(modelFor(work)),
      system: systemPrompt,
      prompt: markedPrompt("none"),
      tools,
      stopWhen: isStepCount(work.turns + 1),
      maxRetries: 0,
    });
    if (steps.length !== work.turns) throw new Error(`A run took ${steps.length} model calls, not ${work.turns}.`);
  };
  return {
    async run(work) {
      const stepsMs: number[] = [];
      const { cpuMs, elapsedMs } = await withCpu(() =>
        inParallel(work.runs, work.concurrency, async () => {
          const beganMs = performance.now();
          await runOnce(work);
          stepsMs.push(performance.now() - beganMs);
        }),
      );
      return { cpuMs, elapsedMs, stepsMs };
    },
    measureStarts: () => Promise.reject(new Error("There is nothing durable to acknowledge.")),
    close: async () => undefined,
  };
}
