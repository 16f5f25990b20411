import { type Bgo, titleOfBgo } from "@platos-tasks/client";
import { formatFacts, formatTable, shortened } from "./table.ts";

const titleChars = 48;
const reasonChars = 60;

/** The table of `platos list`. */
export function bgoTable(bgos: readonly Bgo[]): string {
  return formatTable(
    ["ID", "STATUS", "CREATED", "TITLE", "REASON"],
    bgos.map((bgo) => [
      bgo.id,
      bgo.status,
      localTime(bgo.createdAt),
      shortened(titleOfBgo(bgo), titleChars),
      shortened(reasonOf(bgo) ?? "", reasonChars),
    ]),
  );
}

/** Everything `platos show` tells of one. */
export function bgoFacts(bgo: Bgo): string {
  const { usage, progress } = bgo;
  const cost = usage.costUsd === null ? "cost unknown" : `$${usage.costUsd.toFixed(4)}`;
  const facts: (readonly [string, string | null])[] = [
    ["BGO", bgo.id],
    ["Title", titleOfBgo(bgo)],
    ["Status", statusText(bgo)],
    ["Progress", progress === null ? null : progressText(progress)],
    ["Thread", bgo.threadId],
    ["Agent", bgo.agentId],
    ["Parent", bgo.parentBgoId],
    ["Tools", bgo.tools.join(", ")],
    ["Attempt", String(bgo.attempt)],
    ["Used", `${bgo.modelCalls} model calls, ${usage.inputTokens} + ${usage.outputTokens} tokens, ${cost}`],
    ["Created", localTime(bgo.createdAt)],
    ["Runs at", bgo.runAt === null ? null : localTime(bgo.runAt)],
    ["Started", bgo.startedAt === null ? null : localTime(bgo.startedAt)],
    ["Ended", bgo.finishedAt === null ? null : localTime(bgo.finishedAt)],
    ["Error", bgo.error === null ? null : `${bgo.error.message} (${bgo.error.code})`],
  ];
  return formatFacts(
    facts.flatMap(([name, value]) => (value === null || value === "" ? [] : [[name, value] as const])),
  );
}

/** What it came back with, as text; empty when there is none. */
export function outputText(bgo: Pick<Bgo, "output">): string {
  if (bgo.output === null) return "";
  return typeof bgo.output === "string" ? bgo.output : JSON.stringify(bgo.output, null, 2);
}

/** `bgo_… running: tool fetch_url`. */
export function statusLine(bgo: Pick<Bgo, "id" | "status" | "reason">): string {
  return `${bgo.id} ${statusText(bgo)}`;
}

function statusText(bgo: Pick<Bgo, "status" | "reason">): string {
  const reason = reasonOf(bgo);
  return reason === null ? bgo.status : `${bgo.status}: ${reason}`;
}

/** Null when it says no more than the status does. */
function reasonOf({ status, reason }: Pick<Bgo, "status" | "reason">): string | null {
  return reason === status ? null : reason;
}

function progressText({ message, fraction }: NonNullable<Bgo["progress"]>): string {
  return fraction === undefined ? message : `${message} (${Math.round(fraction * 100)} %)`;
}

/** In the reader's time zone, to the second: `2026-11-22 14:03:59`. */
export function localTime(iso: string): string {
  const at = new Date(iso);
  const two = (number: number): string => String(number).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}
