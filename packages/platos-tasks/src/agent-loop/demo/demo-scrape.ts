import { isJsonObject, type Json } from "../../core/json.ts";
import type { AssistantPart } from "../../core/transcript.ts";
import { answerFrom, type Page } from "./demo-answer.ts";
import type { DemoRequest } from "./demo-request.ts";
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

const maxPages = 12;
const maxPagesAtOnce = 4;

export interface ScrapeJob {
  readonly startUrl: string;
  readonly request: DemoRequest;
}

/** Reads a site breadth-first from its start page, then quotes what best fits the question. */
export function decideScrape(input: DemoInput, { startUrl, request }: ScrapeJob): AssistantPart[] {
  if (!hasTool(input, "fetch_url")) return [say(`${demoLabel}I cannot read a site here: I was not given fetch_url.`)];
  const start = pageKey(startUrl);
  if (start === null) return [say(`${demoLabel}"${startUrl}" is not an address I can read.`)];
  const fetches = answeredCalls(input.transcript).filter((call) => call.tool === "fetch_url");
  const pages = fetches.flatMap((fetch) =>
    failureOf(fetch) === null ? [readPage(textAt(fetch.args, "url") ?? "", fetch.output)] : [],
  );
  const failure = fetches[0] === undefined ? null : failureOf(fetches[0]);
  if (failure !== null) return [say(`${demoLabel}I could not read ${startUrl}: ${failure}`)];
  const seen = new Set([
    ...fetches.map(({ args }) => pageKey(textAt(args, "url") ?? "")),
    ...pages.map(({ url }) => pageKey(url)),
  ]);
  const next = [start, ...pages.flatMap((page) => page.links)].filter(
    (url, at, all) => all.indexOf(url) === at && !seen.has(url),
  );
  const room = Math.min(maxPagesAtOnce, maxPages - fetches.length);
  const urls = next.slice(0, Math.max(0, room));
  if (urls.length === 0) return [say(demoLabel + answerFrom(pages, request.prose))];
  return fetchCalls(input, { urls, read: pages.length });
}

/** Why a fetch gave no page, or null. */
function failureOf({ output, error }: AnsweredCall): string | null {
  if (error !== null) return error.message;
  const status = numberAt(output, "status");
  return status !== null && status >= 400 ? `it answered ${status}.` : null;
}

function fetchCalls(
  input: DemoInput,
  { urls, read }: { readonly urls: readonly string[]; readonly read: number },
): AssistantPart[] {
  const calls = urls.map((url, index) => demoCall(input, "fetch_url", { args: { url }, index }));
  if (read === 0 || !hasTool(input, "report_progress")) return calls;
  const message = `Read ${read} ${read === 1 ? "page" : "pages"}, reading ${urls.length} more`;
  return [demoCall(input, "report_progress", { args: { message }, index: calls.length }), ...calls];
}

interface LinkedPage extends Page {
  /** Pages of the same site that it links to, in order. */
  readonly links: readonly string[];
}

/** `{url, title, text, links: [{url}]}` as fetch_url tells it. */
function readPage(asked: string, output: Json): LinkedPage {
  const url = textAt(output, "url") ?? asked;
  const listed = isJsonObject(output) && Array.isArray(output["links"]) ? (output["links"] as readonly Json[]) : [];
  const origin = URL.parse(asked)?.origin;
  const links = listed.flatMap((link) => {
    const target = URL.parse(textAt(link, "url") ?? "", url);
    return target !== null && target.origin === origin && isPage(target) ? [pageKey(target.href) ?? ""] : [];
  });
  return { url, title: textAt(output, "title") ?? "", text: textAt(output, "text") ?? "", links: [...new Set(links)] };
}

/** An address without what does not make it another page. */
function pageKey(text: string): string | null {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/u.test(url.protocol)) return null;
  url.hash = "";
  return url.href;
}

function isPage(url: URL): boolean {
  return !/\.(?:png|jpe?g|gif|svg|webp|ico|css|js|mjs|json|xml|pdf|zip|gz|mp[34]|woff2?)$/iu.test(url.pathname);
}
