import type { DynamicToolPart, MessagePart } from "@platos-tasks/client";
import { expect, test } from "vitest";

import { verifies } from "../../../../../spec/verifies.ts";
import { blocksOf, spawnedBgoId } from "./message-content.ts";

function call(fields: Partial<DynamicToolPart>): DynamicToolPart {
  return {
    type: "dynamic-tool",
    toolName: "spawn_bgo",
    toolCallId: "c",
    state: "output-available",
    input: {},
    ...fields,
  };
}

const kinds = (parts: readonly MessagePart[]): string[] => blocksOf({ parts }).map((block) => block.kind);

test("a call that started a BGO is that BGO, under either name of the tool", () => {
  verifies("P29");
  for (const toolName of ["spawn_bgo", "spawn_task", "schedule_bgo", "agent_batch"]) {
    expect(spawnedBgoId(call({ toolName, output: { bgoId: "bgo_1" } }))).toBe("bgo_1");
  }
});

test("a call that did not, or another tool that names a BGO, is a plain call", () => {
  expect(spawnedBgoId(call({ state: "output-error", errorText: "cap" }))).toBeNull();
  expect(spawnedBgoId(call({ state: "input-available" }))).toBeNull();
  expect(spawnedBgoId(call({ output: "bgo_1" }))).toBeNull();
  expect(spawnedBgoId(call({ toolName: "get_bgo", output: { bgoId: "bgo_1" } }))).toBeNull();
});

test("a BGO named twice in a message is drawn once", () => {
  const parts: MessagePart[] = [call({ output: { bgoId: "bgo_1" } }), { type: "data-bgo", id: "bgo_1", data: {} }];
  expect(kinds(parts)).toEqual(["bgo"]);
});

test("order is kept; step marks and empty texts show nothing", () => {
  const parts: MessagePart[] = [
    { type: "step-start" },
    { type: "reasoning", text: "hm" },
    { type: "text", text: " \n" },
    { type: "text", text: "Hello" },
    { type: "file", url: "/api/v1/artifacts/art_1", mediaType: "application/pdf", filename: "a.pdf" },
  ];
  expect(kinds(parts)).toEqual(["reasoning", "text", "file"]);
});
