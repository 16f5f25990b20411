/** A job that the demo model knows how to do. */
export type DemoJob =
  | { readonly kind: "render"; readonly label: "render-slides" | "render-pdf" }
  | { readonly kind: "scrape"; readonly url: string; readonly label: "scrape-site" }
  | { readonly kind: "ask"; readonly via: "reply" | "link"; readonly label: "ask" }
  | { readonly kind: "count"; readonly steps: number; readonly label: "count" };

export interface DemoRequest {
  /** What was asked, without the document that came along. */
  readonly prose: string;
  /** The Markdown that came along: a fenced block, or everything from the first heading on. */
  readonly markdown: string | null;
}

const afterthought = /^(?:meanwhile|in the meantime|while you|also|and also|then tell|please also)\b/iu;

export function readRequest(text: string): DemoRequest {
  const fenced = /```[\w-]*\r?\n([\s\S]*?)\r?\n```/u.exec(text);
  const start = /^(?:#{1,6}\s|---[ \t]*$)/mu.exec(text);
  // A fence after the first heading is code inside the document, not the document.
  if (fenced !== null && (start === null || fenced.index < start.index)) {
    return { prose: text.replace(fenced[0], " ").trim(), markdown: fenced[1] ?? "" };
  }
  if (start === null) return { prose: text.trim(), markdown: null };
  const before = text.slice(0, start.index).trim();
  const paragraphs = text
    .slice(start.index)
    .trim()
    .split(/\n\s*\n/u);
  const last = paragraphs.at(-1) ?? "";
  if (paragraphs.length === 1 || !afterthought.test(last)) return { prose: before, markdown: paragraphs.join("\n\n") };
  return { prose: `${before}\n${last}`.trim(), markdown: paragraphs.slice(0, -1).join("\n\n") };
}

const renderWords = /\b(?:render|pdfs?|slides?|slide-?deck|deck|presentation)\b/iu;
const scrapeWords = /\b(?:scrape|crawl|web ?site|site|web ?page|read|browse|url|look (?:at|up))\b/iu;
const askWords =
  /\bask(?:s|ing)?\s+(?:the\s+|an?\s+|our\s+|my\s+)?(?:customer|user|client|them|me|colleague|somebody|someone)s?\b|\bwait for (?:the |my |a )?(?:customer|user|client|reply|answer)/iu;
const linkWords = /\b(?:link|token|webhook|outside|by e-?mail)\b/iu;
const countWords = /\bcount (?:slowly )?(?:up )?to (\d{1,4})\b|\bwork (?:slowly )?for (\d{1,4}) steps?\b/iu;
// A BGO without a budget of its own has 50 model calls; the last one is for the result.
const maxSteps = 49;

/** The jobs that a request asks for, in a fixed order; one per site for sites. */
export function jobsIn(request: DemoRequest): DemoJob[] {
  const { prose, markdown } = request;
  const via = askWords.test(prose) ? (linkWords.test(prose) ? "link" : "reply") : null;
  // What is asked of somebody else is no job for us.
  if (via !== null) return [{ kind: "ask", via, label: "ask" }];
  const jobs: DemoJob[] = [];
  const wantsRender = renderWords.test(prose) || (prose === "" && markdown !== null);
  if (wantsRender) jobs.push({ kind: "render", label: wantsSlides(request) ? "render-slides" : "render-pdf" });
  const asks = scrapeWords.test(prose) || (prose.includes("?") && !wantsRender);
  if (asks) jobs.push(...sitesIn(prose).map((url): DemoJob => ({ kind: "scrape", url, label: "scrape-site" })));
  const steps = countWords.exec(prose);
  if (steps !== null) {
    const wanted = Number(steps[1] ?? steps[2]);
    jobs.push({ kind: "count", steps: Math.min(maxSteps, Math.max(1, wanted)), label: "count" });
  }
  return jobs;
}

export function wantsSlides({ prose, markdown }: DemoRequest): boolean {
  return /\b(?:slides?|slide-?deck|deck|presentation)\b/iu.test(prose) || /^---[ \t]*$/mu.test(markdown ?? "");
}

/** The first address of each site that the text names. */
export function sitesIn(text: string): string[] {
  const sites = new Map<string, string>();
  for (const [found] of text.matchAll(/https?:\/\/[^\s<>"'`)\]]+/giu)) {
    const url = URL.parse(found.replace(/[.,;:!?]+$/u, ""));
    if (url !== null && !sites.has(url.origin)) sites.set(url.origin, url.href);
  }
  return [...sites.values()];
}

const renderHead = "Render a PDF for the request below.";
const scrapeHead = /^Read the site (\S+) and answer the request below from it\.\n/u;
const askHeads = {
  reply: "Ask the question below in the conversation, wait for the reply and report it.",
  link: "Ask the question below behind a link, wait for the answer and report it.",
} as const;
const countHead = /^Work for (\d+) steps\.\n/u;

/** The prompt of the BGO that does `job`: one line that says what to do, then the request as it came. */
export function promptOf(job: DemoJob, text: string): string {
  const heads = {
    render: () => renderHead,
    scrape: () => `Read the site ${job.kind === "scrape" ? job.url : ""} and answer the request below from it.`,
    ask: () => (job.kind === "ask" ? askHeads[job.via] : ""),
    count: () => `Work for ${job.kind === "count" ? job.steps : 0} steps.`,
  };
  return `${heads[job.kind]()}\n\n${text}`;
}

/** What a BGO with this prompt has to do, and the request it came from. */
export function jobOfPrompt(prompt: string): { readonly job: DemoJob | null; readonly request: DemoRequest } {
  const scrape = scrapeHead.exec(prompt);
  if (scrape !== null) {
    const request = readRequest(prompt.slice(scrape[0].length));
    return { job: { kind: "scrape", url: scrape[1] ?? "", label: "scrape-site" }, request };
  }
  for (const via of ["reply", "link"] as const) {
    if (!prompt.startsWith(askHeads[via])) continue;
    return { job: { kind: "ask", via, label: "ask" }, request: readRequest(prompt.slice(askHeads[via].length)) };
  }
  const count = countHead.exec(prompt);
  if (count !== null) {
    const steps = Math.min(maxSteps, Number(count[1]));
    return { job: { kind: "count", steps, label: "count" }, request: readRequest(prompt.slice(count[0].length)) };
  }
  if (prompt.startsWith(renderHead)) {
    const request = readRequest(prompt.slice(renderHead.length));
    return { job: { kind: "render", label: wantsSlides(request) ? "render-slides" : "render-pdf" }, request };
  }
  const request = readRequest(prompt);
  return { job: jobsIn(request)[0] ?? null, request };
}
