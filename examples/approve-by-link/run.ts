import { type Message, type PlatosClient, textOfMessage, type Waitpoint } from "@platos-tasks/client";
import type { ModelUnderTest } from "../harness/models.ts";
import { eventually } from "../harness/eventually.ts";
import { startPlatos } from "../harness/start-platos.ts";

export type Decision = "approve" | "deny";

export interface DecidedByLink {
  /** The page behind the link, as a browser without a key gets it. */
  readonly page: string;
  /** Of the wait, after the page was opened twice and before anybody decided. */
  readonly statusAfterLooking: Waitpoint["status"];
  readonly afterwards: string;
  /** What a second press of the button was told: an HTTP status. */
  readonly secondPress: number;
  readonly result: string;
  readonly files: readonly string[];
}

/**
 * "Ask before you render": a sub-agent may call a tool only when somebody has approved the call, and whoever has the
 * link decides, without an account.
 */
export async function decideByLink(model: ModelUnderTest, decision: Decision): Promise<DecidedByLink> {
  const platos = await startPlatos(model.env);
  try {
    const { client } = platos;
    await client.agents.update("assistant", { askTools: ["render_pdf"] });
    const thread = await client.threads.create({ agent: "assistant" });
    await client.threads.messages.create(thread.id, { text: "Render this as a PDF:\n\n# Offer\n\nA red chair." });
    const asked = await eventually(async () => {
      const { items } = await client.waitpoints.list({ thread: thread.id, kind: "approval", status: "open" });
      return items[0];
    });
    const link = asked.publicUrl ?? "";
    await look(link);
    const page = await look(link);
    const { status: statusAfterLooking } = await client.waitpoints.get(asked.id);
    const first = await press(link, { decision, argsHash: asked.approval?.argsHash ?? "" });
    const second = await press(link, { decision, argsHash: asked.approval?.argsHash ?? "" });
    const result = await ended(client, thread.id);
    return {
      page,
      statusAfterLooking,
      afterwards: await first.text(),
      secondPress: second.status,
      result: textOfMessage(result),
      files: result.parts.flatMap((part) => (part.type === "file" ? [part.filename] : [])),
    };
  } finally {
    await platos.stop();
  }
}

async function look(link: string): Promise<string> {
  return (await fetch(link)).text();
}

/** What a browser sends when a button of the page is pressed. */
function press(link: string, form: Readonly<Record<string, string>>): Promise<Response> {
  return fetch(link, { method: "POST", body: new URLSearchParams(form) });
}

function ended(client: PlatosClient, threadId: string): Promise<Message> {
  return eventually(async () => {
    const { items } = await client.threads.messages.list(threadId, { after: 0 });
    return items.find(({ terminal }) => terminal);
  });
}
