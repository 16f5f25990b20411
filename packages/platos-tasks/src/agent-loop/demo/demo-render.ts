import type { AssistantPart } from "../../core/transcript.ts";
import { wantsSlides, type DemoRequest } from "./demo-request.ts";
import {
  answeredCalls,
  demoCall,
  demoLabel,
  hasTool,
  numberAt,
  say,
  textAt,
  type AnsweredCall,
  type DemoInput,
} from "./demo-transcript.ts";

/** Reports, renders, tells: one model call each. */
export function decideRender(input: DemoInput, request: DemoRequest): AssistantPart[] {
  if (!hasTool(input, "render_pdf")) return [say(`${demoLabel}I cannot render here: I was not given render_pdf.`)];
  const done = answeredCalls(input.transcript);
  const rendered = done.find((call) => call.tool === "render_pdf");
  if (rendered !== undefined) return [say(demoLabel + tell(rendered))];
  const slides = wantsSlides(request);
  if (hasTool(input, "report_progress") && !done.some((call) => call.tool === "report_progress")) {
    const message = slides ? "Laying out the slides" : "Laying out the pages";
    return [demoCall(input, "report_progress", { args: { message, fraction: 0.3 } })];
  }
  const markdown = request.markdown ?? inventDeck(request.prose);
  const args = {
    markdown,
    title: titleOf(markdown),
    layout: slides || request.markdown === null ? "slides" : "document",
  };
  return [demoCall(input, "render_pdf", { args })];
}

function titleOf(markdown: string): string {
  return (/^#{1,6}\s+(.+)$/mu.exec(markdown)?.[1] ?? "Document").trim().slice(0, 100);
}

/** A small deck about what was asked, for a request that brought no Markdown. */
function inventDeck(prose: string): string {
  const about =
    /\b(?:about|on|for|of)\s+(?:the\s+|a\s+|an\s+)?([^.!?\n]{3,80})/iu.exec(prose)?.[1] ?? prose.split("\n", 1)[0];
  const topic =
    (about ?? "")
      .replaceAll(/\b(?:as|into|to) (?:a )?pdf\b/giu, "")
      .trim()
      .slice(0, 80) || "A small deck";
  const title = topic.charAt(0).toUpperCase() + topic.slice(1);
  return [
    `# ${title}`,
    "A sample deck by the demo model of Platos Tasks",
    "---",
    "## What was asked",
    `> ${prose.replaceAll(/\s+/gu, " ").slice(0, 300)}`,
    "---",
    "## How it was made",
    [
      "- An agent called `spawn_bgo` and went on talking",
      "- A sub-agent wrote this Markdown",
      "- `render_pdf` laid it out",
    ].join("\n"),
    "---",
    "## Next",
    "Send your own Markdown, with `---` between the slides, to see it here instead.",
  ].join("\n\n");
}

function tell({ output, error }: AnsweredCall): string {
  if (error !== null) return `the PDF could not be rendered: ${error.message}`;
  const name = textAt(output, "name") ?? "the PDF";
  const pages = numberAt(output, "pages");
  const artifactId = textAt(output, "artifactId");
  const size = pages === null ? "" : ` It has ${pages} ${pages === 1 ? "page" : "pages"}.`;
  return `rendered ${name}.${size}${artifactId === null ? "" : ` Artifact: ${artifactId}.`}`;
}
