import { type Message, type PlatosClient, textOfMessage } from "@platos-tasks/client";
import { eventually } from "../harness/eventually.ts";
import { startDeployment, type Deployment } from "../harness/start-deployment.ts";

export interface AskedCustomer {
  readonly question: string;
  /** Of the BGO between question and answer, after all that has happened meanwhile. */
  readonly statusWhileWaiting: string;
  readonly result: string;
  /** Messages that say how the BGO has ended. */
  readonly terminalMessages: number;
}

export interface AskOptions {
  /** What is answered to the question. */
  readonly reply: string;
  /** What happens between question and answer. */
  readonly meanwhile: (deployment: Deployment) => Promise<void>;
}

/** "Ask the customer": a sub-agent asks in the thread, is gone while nobody answers, and goes on with the answer. */
export async function askCustomer(
  env: Readonly<Record<string, string>>,
  { reply, meanwhile }: AskOptions,
): Promise<AskedCustomer> {
  const deployment = await startDeployment(env);
  try {
    const { client } = deployment;
    const thread = await client.threads.create({ agent: "assistant" });
    await client.threads.messages.create(thread.id, { text: "Please see to the fence." });
    const question = await arrived(client, thread.id, "question");
    await meanwhile(deployment);
    const waiting = await eventually(() => client.bgos.get(question.bgoId ?? ""));
    await client.threads.messages.create(thread.id, { text: reply, idempotencyKey: "the answer" });
    const result = await arrived(client, thread.id, "bgo_completed");
    const { items } = await client.threads.messages.list(thread.id, { after: 0 });
    return {
      question: textOfMessage(question),
      statusWhileWaiting: waiting.status,
      result: textOfMessage(result),
      terminalMessages: items.filter(({ terminal }) => terminal).length,
    };
  } finally {
    await deployment.stop();
  }
}

function arrived(client: PlatosClient, threadId: string, kind: Message["kind"]): Promise<Message> {
  return eventually(async () => {
    const { items } = await client.threads.messages.list(threadId, { after: 0 });
    return items.find((message) => message.kind === kind);
  });
}
