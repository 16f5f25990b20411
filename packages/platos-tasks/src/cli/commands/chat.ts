import type { PlatosClient, Turn } from "@platos-tasks/client";
import { isTerminal } from "@platos-tasks/client";
import { ChatSession } from "../chat-session.ts";
import { ChatView } from "../chat-view.ts";
import { type Command, exitCodes } from "../command.ts";
import { parseOptions } from "../parse-options.ts";
import { connectionHelp, connectionOptions, withServer } from "../server-connection.ts";
import type { Terminal } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";

const options = {
  ...connectionOptions,
  agent: { type: "string" },
  thread: { type: "string" },
  wait: { type: "boolean" },
  json: { type: "boolean" },
} as const;

interface Chatting {
  readonly client: PlatosClient;
  readonly threadId: string;
  readonly terminal: Terminal;
}

export const chatCommand: Command = {
  name: "chat",
  summary: "Talk with an agent",
  help: `Usage: platos chat [options] [message…]

Prints the answer as it is written and the BGOs that were started. Without a message, reads one
per line until the input ends. When the agent asks for approval of a call, /approve or
/deny <reason> decide; any other line denies it.

  --agent <slug>    in a new thread of this agent (assistant)
  --thread <id>     go on in this thread
  --wait            stay until the BGOs that were started have ended, and print their results
  --json            print everything at the end, as the API gives it (with a message only)
${connectionHelp}`,
  async run(args, context) {
    const { values, positionals } = parseOptions(args, options);
    if (values.agent !== undefined && values.thread !== undefined) {
      throw new UsageError("Give --agent for a new thread or --thread for an existing one, not both");
    }
    const text = positionals.join(" ").trim();
    const isJson = values.json === true;
    if (isJson && text === "") throw new UsageError("--json needs a message");
    const { terminal } = context;
    return withServer(values, context, async (client) => {
      const threadId = values.thread ?? (await client.threads.create({ agent: values.agent ?? "assistant" })).id;
      const chatting = { client, threadId, terminal };
      if (text === "") return talk(chatting, { waits: values.wait === true });
      return isJson ? sayAsJson(chatting, text, values.wait === true) : say(chatting, text, values.wait === true);
    });
  },
};

async function say({ client, threadId, terminal }: Chatting, text: string, waits: boolean): Promise<number> {
  const view = new ChatView(terminal);
  const session = await ChatSession.open({ client, threadId, view });
  try {
    const turn = await session.say(text);
    const bgos = waits ? await session.settle() : [];
    view.answerEnded();
    if (turn.status === "waiting") view.line("It waits for your decision: /approve or /deny <reason> in the thread.");
    terminal.complain(`Go on with: platos chat --thread ${threadId}`);
    const isGood = turn.status === "completed" && bgos.every((bgo) => bgo.status === "completed");
    return isGood ? exitCodes.ok : exitCodes.failure;
  } finally {
    session.close();
  }
}

async function sayAsJson({ client, threadId, terminal }: Chatting, text: string, waits: boolean): Promise<number> {
  const session = await ChatSession.open({ client, threadId, view: null });
  try {
    const turn = await session.say(text);
    const bgos = waits ? await session.settle() : session.bgos;
    terminal.print(JSON.stringify({ threadId, turn, messages: await session.messages(), bgos }, null, 2));
    const isGood = bgos.every((bgo) => !isTerminal(bgo.status) || bgo.status === "completed");
    return turn.status === "completed" && isGood ? exitCodes.ok : exitCodes.failure;
  } finally {
    session.close();
  }
}

async function sayOrDecide(session: ChatSession, view: ChatView, line: string): Promise<Turn | null> {
  const [, word, reason = ""] = /^\/(approve|deny)\b\s*(.*)$/u.exec(line) ?? [];
  if (word === undefined) return session.say(line);
  const decision = word === "approve" ? { decision: word } : { decision: word, ...(reason === "" ? {} : { reason }) };
  const turn = await session.decide(decision);
  if (turn === null) view.line("Nothing waits for a decision here.");
  return turn;
}

/** One turn per line. Results of BGOs are printed whenever they come. */
async function talk({ client, threadId, terminal }: Chatting, { waits }: { readonly waits: boolean }): Promise<number> {
  const view = new ChatView(terminal);
  const session = await ChatSession.open({ client, threadId, view });
  if (terminal.isInteractive) view.line(`Thread ${threadId}. Ctrl-D ends the chat; BGOs go on without it.`);
  try {
    if (terminal.isInteractive) view.lineIsTaken();
    for await (const line of terminal.readLines("> ")) {
      const turn = line.trim() === "" ? null : await sayOrDecide(session, view, line.trim());
      view.answerEnded();
      if (turn?.status === "waiting") view.line("Type /approve or /deny <reason>; anything else denies it.");
      if (terminal.isInteractive) view.lineIsTaken();
    }
    if (waits) await session.settle();
    view.answerEnded();
    return exitCodes.ok;
  } finally {
    session.close();
  }
}
