import { textOfMessage } from "@platos-tasks/client";
import { ask } from "../harness/ask.ts";
import type { ModelUnderTest } from "../harness/models.ts";
import { startPlatos } from "../harness/start-platos.ts";
import { serveSite } from "./serve-site.ts";

export interface ScrapedSite {
  readonly result: string;
  /** Paths of the site that were read. */
  readonly read: readonly string[];
}

/** "Scrape this site": a question whose answer stands only on inner pages. */
export async function scrapeSite(model: ModelUnderTest, question: string): Promise<ScrapedSite> {
  const site = await serveSite();
  // The site is on this machine, where tools may not go unless they are allowed to.
  const platos = await startPlatos({ ...model.env, PLATOS_EGRESS_ALLOW: new URL(site.url).host });
  try {
    const { result } = await ask(platos.client, `Scrape the website ${site.url} and tell me: ${question}`);
    return { result: textOfMessage(result), read: site.requested };
  } finally {
    await platos.stop();
    await site.stop();
  }
}
