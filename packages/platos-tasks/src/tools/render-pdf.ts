import { z } from "zod";
import type { ArtifactStore } from "../core/ports/artifacts.ts";
import type { Tool } from "../core/tool.ts";
import { defineTool } from "../core/tool.ts";
import { artifactResult } from "./artifact-result.ts";
import { safeFileName } from "./file-name.ts";
import type { DrawnPdf } from "./pdf/draw-pdf.ts";
import type { RenderPdfOptions } from "./pdf/render-pdf.ts";

export interface RenderPdfParts {
  readonly artifacts: ArtifactStore;
  readonly render: (markdown: string, options: RenderPdfOptions) => Promise<DrawnPdf>;
}

const input = z.object({
  markdown: z
    .string()
    .min(1)
    .max(200_000)
    .describe("The content as GitHub-flavoured Markdown. For slides, a line with only --- begins the next slide."),
  title: z.string().max(200).optional().describe("Shown above a document and below slides."),
  layout: z
    .enum(["document", "slides"])
    .default("document")
    .describe("document: upright A4 pages. slides: one 16:9 page per slide, each beginning with its heading."),
  filename: z.string().max(200).optional().describe("Name of the file; .pdf is added when missing."),
});

/** `{artifactId, name, mediaType, bytes, url, pages, note?}`. */
export function createRenderPdfTool({ artifacts, render }: RenderPdfParts): Tool {
  return defineTool({
    name: "render_pdf",
    description:
      "Make a PDF from Markdown: a document or a slide deck. Headings, lists, task lists, tables, quotes, code and links are laid out; pictures are not loaded, their alternative text is shown. The file is saved as an artifact and attached to the result message; do not repeat its content there.",
    effect: "idempotent",
    inputSchema: input,
    timeoutMs: 60_000,
    run: async ({ markdown, title, layout, filename }, { scope, threadId, bgoId, callKey, signal }) => {
      const heading = title === undefined || title.trim() === "" ? {} : { title: title.trim() };
      const drawn = await render(markdown, { ...heading, layout, signal });
      signal.throwIfAborted();
      const artifact = await artifacts.save(scope, {
        threadId,
        bgoId,
        key: callKey,
        name: pdfName(filename ?? title ?? ""),
        mediaType: "application/pdf",
        content: drawn.content,
      });
      return { ...artifactResult(artifact), pages: drawn.pages, ...missingNote(drawn.missingCharacters) };
    },
  });
}

function pdfName(wanted: string): string {
  const stem = safeFileName(wanted.replace(/\.pdf\s*$/iu, ""), "document");
  return safeFileName(`${stem.slice(0, 110)}.pdf`, "document.pdf");
}

function missingNote(missing: readonly string[]): { readonly note?: string } {
  if (missing.length === 0) return {};
  const shown = missing.slice(0, 20).join(" ");
  return {
    note: `The font covers Latin, Greek and Cyrillic script. These characters could not be drawn: ${shown}${missing.length > 20 ? " …" : ""}`,
  };
}
