import type { AssistantPart } from "../../core/transcript.ts";
import { decideAsk } from "./demo-ask.ts";
import { decideChat, firstUserText, isChat } from "./demo-chat.ts";
import { decideRender } from "./demo-render.ts";
import { jobOfPrompt } from "./demo-request.ts";
import { decideScrape } from "./demo-scrape.ts";
import { answeredCalls, demoCall, demoLabel, hasTool, say, type DemoInput } from "./demo-transcript.ts";

/**
 * What `demo:scripted` answers next. A pure function of the conversation and the tools at hand, so that a call made
 * again after a crash gets the same answer.
 */
export function decideDemoReply(input: DemoInput): AssistantPart[] {
  if (isChat(input)) return decideChat(input);
  const { job, request } = jobOfPrompt(firstUserText(input.transcript));
  switch (job?.kind) {
    case "render":
      return decideRender(input, request);
    case "scrape":
      return decideScrape(input, { startUrl: job.url, request });
    case "ask":
      return decideAsk(input, { via: job.via, request });
    case "count":
      return decideCount(input, job.steps);
    case undefined:
      return [
        say(
          `${demoLabel}I have no rule for this job. I can render Markdown as a PDF, read a site, ask somebody or count.`,
        ),
      ];
  }
}

function decideCount(input: DemoInput, steps: number): AssistantPart[] {
  if (!hasTool(input, "report_progress")) return [say(`${demoLabel}I cannot count here: report_progress is missing.`)];
  const done = answeredCalls(input.transcript).filter((call) => call.tool === "report_progress").length;
  if (done >= steps) return [say(`${demoLabel}counted to ${steps}.`)];
  const message = `Step ${done + 1} of ${steps}`;
  const patience = "taking my time over it, so that there is something to watch, to cancel or to kill.";
  return [
    say(`${message}: ${patience}`),
    demoCall(input, "report_progress", { args: { message, fraction: (done + 1) / steps } }),
  ];
}
