import type { Message, PlatosClient } from "@platos-tasks/client";

const pollMs = 200;
const withinMs = 90_000;

/** Writes into a new thread, as a person would, and waits for the messages of the BGOs that this starts. */
export async function ask(client: PlatosClient, text: string): Promise<{ answer: Message; result: Message }> {
  const thread = await client.threads.create({ agent: "assistant" });
  await client.threads.messages.create(thread.id, { text });
  const deadline = Date.now() + withinMs;
  while (Date.now() < deadline) {
    const { items } = await client.threads.messages.list(thread.id, { after: 0 });
    const failure = items.find((message) => message.kind === "bgo_failed" || message.role === "system");
    if (failure !== undefined) throw new Error(`It failed: ${JSON.stringify(failure.parts)}`);
    const result = items.find((message) => message.kind === "bgo_completed");
    const answer = items.find((message) => message.kind === "chat" && message.role === "assistant");
    const current = await client.threads.get(thread.id);
    if (result !== undefined && answer !== undefined && current.latestTurn?.status === "completed") {
      const terminal = items.filter((message) => message.terminal);
      if (terminal.length !== 1) throw new Error(`There are ${terminal.length} terminal messages; there must be one.`);
      return { answer, result };
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  throw new Error("No result arrived in time.");
}
