import type { Bgo, Budget, OnComplete, PlatosClient, SpawnBody, SpawnReceipt } from "@platos-tasks/client";
import { outputText, statusLine } from "../bgo-text.ts";
import { type Command, exitCodes } from "../command.ts";
import { followBgos } from "../follow-bgos.ts";
import { type ParsedOptions, parseOptions, positiveNumber } from "../parse-options.ts";
import { connectionHelp, connectionOptions, withServer } from "../server-connection.ts";
import type { Terminal } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";

const options = {
  ...connectionOptions,
  agent: { type: "string" },
  thread: { type: "string" },
  prompt: { type: "string" },
  label: { type: "string" },
  tools: { type: "string" },
  "idempotency-key": { type: "string" },
  "run-at": { type: "string" },
  "on-complete": { type: "string" },
  "max-turns": { type: "string" },
  "max-tokens": { type: "string" },
  "max-cost": { type: "string" },
  "max-seconds": { type: "string" },
  wait: { type: "boolean" },
  json: { type: "boolean" },
} as const;

type Values = ParsedOptions<typeof options>["values"];

export const spawnCommand: Command = {
  name: "spawn",
  summary: "Start a BGO",
  help: `Usage: platos spawn --prompt <text> [options]

Prints the id of the new BGO; with --wait also what it came back with, and then exits with 1
unless it completed.

  --prompt <text>            what it is to do; may also be given without --prompt
  --agent <slug>             in a new thread of this agent (assistant)
  --thread <id>              in this thread
  --label <text>             what lists call it
  --tools <names>            only these of the agent's tools, separated by commas; "" for none
  --idempotency-key <text>   the same key makes the same BGO, once
  --run-at <time>            when to start, ISO 8601 with an offset or Z
  --on-complete <word>       message (only its message) or wake (also a turn of the agent)
  --max-turns, --max-tokens, --max-cost (US dollars), --max-seconds <n>   its budget
  --wait                     stay until it has ended
  --json                     as the API gives it; with --wait the ended BGO
${connectionHelp}`,
  async run(args, context) {
    const { values, positionals } = parseOptions(args, options);
    const body = spawnBodyOf(values, positionals);
    return withServer(values, context, (client) => spawn(client, { body, values, terminal: context.terminal }));
  },
};

function spawnBodyOf(values: Values, positionals: readonly string[]): SpawnBody {
  const given = [...(values.prompt === undefined ? [] : [values.prompt]), ...positionals];
  if (given.length === 0) throw new UsageError("Missing option: --prompt <text>");
  if (values.agent !== undefined && values.thread !== undefined) {
    throw new UsageError("Give --agent for a new thread or --thread for an existing one, not both");
  }
  const budget = budgetOf(values);
  return {
    prompt: given.join(" "),
    ...(values.thread === undefined ? { agent: values.agent ?? "assistant" } : { threadId: values.thread }),
    ...(values.label === undefined ? {} : { label: values.label }),
    ...(values.tools === undefined ? {} : { tools: words(values.tools) }),
    ...(values["run-at"] === undefined ? {} : { runAt: values["run-at"] }),
    ...(values["on-complete"] === undefined ? {} : { onComplete: onCompleteOf(values["on-complete"]) }),
    ...(values["idempotency-key"] === undefined ? {} : { idempotencyKey: values["idempotency-key"] }),
    ...(Object.keys(budget).length === 0 ? {} : { budget }),
  };
}

function budgetOf(values: Values): Budget {
  const limits = {
    maxTurns: positiveNumber("max-turns", values["max-turns"]),
    maxTokens: positiveNumber("max-tokens", values["max-tokens"]),
    maxCostUsd: positiveNumber("max-cost", values["max-cost"]),
    maxDurationSeconds: positiveNumber("max-seconds", values["max-seconds"]),
  };
  return Object.fromEntries(Object.entries(limits).filter(([, limit]) => limit !== undefined));
}

function onCompleteOf(word: string): OnComplete {
  if (word === "message" || word === "wake") return word;
  throw new UsageError(`--on-complete is message or wake, not ${word}`);
}

function words(list: string): readonly string[] {
  return list
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
}

async function spawn(
  client: PlatosClient,
  { body, values, terminal }: { readonly body: SpawnBody; readonly values: Values; readonly terminal: Terminal },
): Promise<number> {
  const isJson = values.json === true;
  const receipt = await client.bgos.spawn(body);
  if (values.wait !== true) {
    const note = noteOn(receipt);
    terminal.print(
      isJson ? JSON.stringify(receipt) : `${receipt.bgoId} ${receipt.status} in ${receipt.threadId}${note}`,
    );
    return exitCodes.ok;
  }
  if (!isJson) terminal.complain(`${receipt.bgoId} ${receipt.status} in ${receipt.threadId}`);
  const [ended] = await followBgos(client, {
    bgoIds: [receipt.bgoId],
    onChange: (bgo) => {
      if (!isJson) terminal.complain(statusLine(bgo));
    },
  });
  if (ended === undefined) return exitCodes.failure;
  terminal.print(isJson ? JSON.stringify(ended, null, 2) : endText(ended));
  return ended.status === "completed" ? exitCodes.ok : exitCodes.failure;
}

function noteOn({ deduplicated, ranAtOnce }: SpawnReceipt): string {
  if (deduplicated) return "; this key had made it before";
  return ranAtOnce ? "; its time has passed, so it starts at once" : "";
}

function endText(bgo: Bgo): string {
  const output = outputText(bgo);
  return output === "" ? statusLine(bgo) : output;
}
