import { expect, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import { createGate } from "../testing/gate.ts";
import { nextYear } from "../testing/next-year.ts";
import { useRuntime } from "../testing/runtime-fixture.ts";
import { call, text } from "../testing/scripted-model-port.ts";

const fixture = useRuntime({ works: true });

const always = ["messages_create", "report_progress", "wait_for_reply", "wait_for_token", "wait_until"];
const forChildren = ["spawn_bgo", "wait_for_bgo", "get_bgo", "cancel_bgo"];

test("a sub-agent can report, write and wait, and has children as long as it is not nested too deep", async () => {
  verifies("P5", "P7");
  fixture.model.on("what have you got", [[call("spawn_bgo", { prompt: "more of me" })], [text("ok")]]);
  const { maxDepth } = fixture.operations.caps;
  const shallow = await fixture.spawn({ prompt: "what have you got on top" });
  expect((await fixture.ended(shallow.id)).status).toBe("completed");
  let deep = await fixture.spawn({ runAt: nextYear() });
  while (deep.depth < maxDepth - 1)
    deep = await fixture.spawn({ parent: { kind: "bgo", bgo: deep }, runAt: nextYear() });
  const deepest = await fixture.spawn({ prompt: "what have you got below", parent: { kind: "bgo", bgo: deep } });
  expect((await fixture.ended(deepest.id)).status).toBe("completed");

  const toolsOf = (key: string) => fixture.model.requestsWith(key)[0]?.tools.map(({ name }) => name);
  expect(toolsOf("got on top")).toEqual([...always, ...forChildren]);
  expect(toolsOf("got below")).toEqual(always);
  expect(JSON.stringify(fixture.model.requestsWith("got below")[1]?.transcript.at(-1))).toContain("tool.not_found");
  const parents = await fixture.database.query(
    "select parent_bgo_id as id from platos.platos_tasks where parent_bgo_id = any($1)",
    [[shallow.id, deepest.id]],
  );
  expect(parents).toEqual([{ id: shallow.id }]);
});

test("of several staged results the last one is delivered, in place of what was said at the end", async () => {
  verifies("P12");
  const stage = (value: string) => call("messages_create", { kind: "result", text: value });
  fixture.model.on("stage twice", [[stage("first")], [stage("second")], [text("All done.")]]);
  const bgo = await fixture.spawn({ prompt: "stage twice" });
  expect(await fixture.ended(bgo.id)).toMatchObject({ status: "completed", output: "second", stagedResult: null });
  const messages = await fixture.messages(bgo.threadId);
  expect(messages.map(({ kind, parts }) => [kind, parts])).toEqual([["bgo_completed", [text("second")]]]);
});

test("a staged result is what a BGO that ran out of budget delivers", async () => {
  verifies("P10.a");
  fixture.model.on("stage and go on", () => [call("messages_create", { kind: "result", text: "the half" })]);
  const bgo = await fixture.spawn({ prompt: "stage and go on", budget: { maxTurns: 2 } });
  expect(await fixture.ended(bgo.id)).toMatchObject({ status: "failed", output: "the half" });
  expect(JSON.stringify(await fixture.messages(bgo.threadId))).toContain("the half");
});

test("progress is seen while the BGO runs, and a progress message stays in the thread", async () => {
  verifies("P12");
  const [asked, mayEnd] = [createGate(), createGate()];
  fixture.model.on("slow work", async (turn) => {
    if (turn === 0) {
      return [
        call("report_progress", { message: "half way", fraction: 0.5 }, "r"),
        call("messages_create", { kind: "progress", text: "So far so good." }, "m"),
      ];
    }
    asked.open();
    await mayEnd.opened;
    return [text("done")];
  });
  const bgo = await fixture.spawn({ prompt: "slow work" });
  await asked.opened;
  const { status, progress } = await fixture.bgo(bgo.id);
  expect(status).toBe("running");
  expect(["half way", "So far so good."]).toContain(progress?.message);
  expect(await fixture.messages(bgo.threadId)).toMatchObject([
    {
      kind: "progress",
      bgoId: bgo.id,
      authorAgentId: fixture.agent.id,
      terminal: false,
      parts: [text("So far so good.")],
    },
  ]);
  mayEnd.open();
  await fixture.ended(bgo.id);
  expect((await fixture.messages(bgo.threadId)).map(({ kind }) => kind)).toEqual(["progress", "bgo_completed"]);
});
