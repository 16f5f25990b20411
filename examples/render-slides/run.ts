import { readFile } from "node:fs/promises";
import { textOfMessage } from "@platos-tasks/client";
import { ask } from "../harness/ask.ts";
import type { ModelUnderTest } from "../harness/models.ts";
import { pdfPages } from "../harness/pdf-text.ts";
import { startPlatos } from "../harness/start-platos.ts";

export interface RenderedSlides {
  /** What the agent said when it had started the work. */
  readonly answer: string;
  readonly result: string;
  /** Text of each page of the PDF that came with the result. */
  readonly pages: readonly string[];
}

/** "Render these slides as a PDF": the deck goes into a chat, the PDF comes back with the result message. */
export async function renderSlides(model: ModelUnderTest): Promise<RenderedSlides> {
  const deck = await readFile(new URL("deck.md", import.meta.url), "utf8");
  const platos = await startPlatos(model.env);
  try {
    const { answer, result } = await ask(platos.client, `Render these slides as a PDF:\n\n${deck}`);
    const file = result.parts.find((part) => part.type === "file");
    if (file === undefined) throw new Error("The result came without a file.");
    const response = await platos.client.artifacts.content(file.url.split("/").at(-1) ?? "");
    const pages = await pdfPages(new Uint8Array(await response.arrayBuffer()));
    return { answer: textOfMessage(answer), result: textOfMessage(result), pages };
  } finally {
    await platos.stop();
  }
}
