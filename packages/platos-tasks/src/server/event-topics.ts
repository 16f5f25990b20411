import type { Topic } from "@platos-tasks/client";
import { PlatosError } from "../core/errors.ts";

/** What one connection may follow at once. */
export const maxTopics = 50;

const pattern = /^(?:bgos|thread:[\w-]{1,64}|bgo:[\w-]{1,64})$/u;

/** What decides who gets an event. */
export interface EventSubject {
  readonly type: string;
  readonly envId: string;
  readonly threadId: string;
  readonly bgoId: string | null;
}

/** Reads `topics=thread:{id},bgo:{id},bgos`. Throws `input.invalid` for anything else. */
export function parseTopics(text: string): Topic[] {
  const topics = [...new Set(text.split(",").map((topic) => topic.trim()))].filter((topic) => topic !== "");
  if (topics.length === 0)
    throw refused("Name what to follow: topics=thread:{id}, bgo:{id} or bgos, separated by commas.");
  if (topics.length > maxTopics)
    throw refused(`One stream may follow ${maxTopics} topics. Open another one for the rest.`);
  const unknown = topics.find((topic) => !pattern.test(topic));
  if (unknown !== undefined) {
    throw refused(`"${unknown.slice(0, 80)}" is not a topic. Topics are thread:{id}, bgo:{id} and bgos.`);
  }
  return topics as Topic[];
}

/** The id a topic names; null for `bgos`. */
export function idOfTopic(topic: Topic): { readonly kind: "thread" | "bgo"; readonly id: string } | null {
  if (topic === "bgos") return null;
  const colon = topic.indexOf(":");
  return { kind: topic.startsWith("thread:") ? "thread" : "bgo", id: topic.slice(colon + 1) };
}

/** Whether an event belongs to one of the topics; environments are told apart by the caller. */
export function isOfTopics(subject: EventSubject, topics: ReadonlySet<Topic>): boolean {
  if (topics.has(`thread:${subject.threadId}`)) return true;
  if (subject.bgoId !== null && topics.has(`bgo:${subject.bgoId}`)) return true;
  return (subject.type.startsWith("bgo.") || isWaitOfBgo(subject)) && topics.has("bgos");
}

/** A turn's waits are of interest in its thread alone. */
function isWaitOfBgo({ type, bgoId }: EventSubject): boolean {
  return type.startsWith("waitpoint.") && bgoId !== null;
}

function refused(message: string): PlatosError {
  return new PlatosError("input.invalid", message, { issues: [{ path: "topics", message: "not a list of topics" }] });
}
