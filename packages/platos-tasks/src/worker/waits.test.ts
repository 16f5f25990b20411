import { expect, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import type { Json } from "../core/json.ts";
import type { ToolEnd } from "../core/transcript.ts";
import { cancelBgo } from "../operations/cancel-bgo.ts";
import { completeWaitpoint } from "../operations/waits/complete-waitpoint.ts";
import { createToken } from "../operations/waits/create-token.ts";
import { deleteThread } from "../operations/delete-thread.ts";
import { postMessage } from "../operations/post-message.ts";
import { wakeDue } from "../operations/wake-due.ts";
import { createBarrier } from "../testing/gate.ts";
import { useRuntime } from "../testing/runtime-fixture.ts";
import { call, text } from "../testing/scripted-model-port.ts";
import { eventually } from "../testing/test-runtime.ts";

const fixture = useRuntime({ works: true });

const farAhead = "2031-05-01T09:00:00Z";
const ago = "2020-05-01T09:00:00Z";

/** What the calls of a BGO came back with, as its model was told. */
async function resultsOf(bgoId: string): Promise<Record<string, ToolEnd>> {
  const steps = await fixture.operations.store.autocommit.journal.read({ id: bgoId });
  return Object.fromEntries(
    steps.flatMap(({ step }) => (step.kind === "tool_result" ? [[step.result.callId, step.result]] : [])),
  );
}

async function openWait(bgoId: string) {
  const [wait] = await fixture.waiting(bgoId);
  if (wait === undefined) throw new Error(`${bgoId} waits for nothing.`);
  return wait;
}

const complete = async (bgoId: string, value: Json) =>
  completeWaitpoint(fixture.operations, await openWait(bgoId), {
    status: "completed",
    value,
    actor: fixture.caller.actor,
  });

/** Lets the time of what is open come. */
const letTimePass = (bgoId: string) =>
  fixture.database.query("update platos.waitpoints set due_at = now() where owner_id = $1 and status = 'open'", [
    bgoId,
  ]);

test("a BGO that waits for a time holds nothing but rows, and goes on when it has come", async () => {
  verifies("P11");
  fixture.model.on("sleep long", [[call("wait_until", { until: farAhead })], [text("awake")]]);
  const bgo = await fixture.spawn({ prompt: "sleep long" });
  const wait = await openWait(bgo.id);
  expect(wait).toMatchObject({ kind: "time", dueAt: new Date(farAhead) });
  expect(await fixture.bgo(bgo.id)).toMatchObject({ reason: "until 2031-05-01T09:00:00.000Z", engineRunId: null });
  await eventually("its segment to be closed", async () => {
    const jobs = await fixture.database.query("select state from pgboss.job where data ->> 'ownerId' = $1", [bgo.id]);
    return jobs.every((job) => job["state"] === "completed");
  });
  await wakeDue(fixture.operations);
  expect((await fixture.bgo(bgo.id)).status).toBe("waiting");
  await letTimePass(bgo.id);
  await wakeDue(fixture.operations);
  expect(await fixture.ended(bgo.id)).toMatchObject({ status: "completed", output: "awake", modelCalls: 2 });
  expect((await resultsOf(bgo.id))["wait_until"]?.output).toMatchObject({ outcome: "completed" });
});

test("a time that is past lets it go on at once", async () => {
  verifies("P11");
  fixture.model.on("sleep not", [[call("wait_until", { until: ago })], [text("awake")]]);
  const bgo = await fixture.spawn({ prompt: "sleep not" });
  expect(await fixture.ended(bgo.id)).toMatchObject({ status: "completed", output: "awake" });
});

test("a time more than ten years ahead is refused, and the model is told", async () => {
  fixture.model.on("sleep for ever", [[call("wait_until", { until: "2099-01-01T00:00:00Z" })], [text("no")]]);
  const bgo = await fixture.spawn({ prompt: "sleep for ever" });
  await fixture.ended(bgo.id);
  expect((await resultsOf(bgo.id))["wait_until"]?.error?.message).toContain("10 years ahead at most");
});

test("an answer from outside becomes the result of the call, as it was given", async () => {
  verifies("P21");
  fixture.model.on("ask outside", [[call("wait_for_token", { question: "Is it ready?" })], [text("thanks")]]);
  const bgo = await fixture.spawn({ prompt: "ask outside" });
  await complete(bgo.id, { ready: true });
  expect(await fixture.ended(bgo.id)).toMatchObject({ status: "completed", output: "thanks" });
  expect((await resultsOf(bgo.id))["wait_for_token"]?.output).toEqual({ outcome: "completed", value: { ready: true } });
  expect((await fixture.messages(bgo.threadId)).map(({ kind }) => kind)).toEqual(["question", "bgo_completed"]);
});

test("a value that does not fit the schema is refused, and the wait stays open", async () => {
  verifies("P21");
  const schema = { type: "object", properties: { count: { type: "integer" } }, required: ["count"] };
  fixture.model.on("ask for a number", [[call("wait_for_token", { question: "How many?", schema })], [text("thanks")]]);
  const bgo = await fixture.spawn({ prompt: "ask for a number" });
  await expect(complete(bgo.id, { count: "many" })).rejects.toMatchObject({ code: "input.invalid" });
  await complete(bgo.id, { count: 3 });
  expect((await fixture.ended(bgo.id)).status).toBe("completed");
});

test("nobody answers in time: the model is told so and goes on", async () => {
  verifies("P21");
  fixture.model.on("ask in vain", [[call("wait_for_token", { question: "Anybody?" })], [text("went on without")]]);
  const bgo = await fixture.spawn({ prompt: "ask in vain" });
  const wait = await openWait(bgo.id);
  await letTimePass(bgo.id);
  // Its time is over before anybody has looked: an answer comes too late already.
  await expect(complete(bgo.id, 1)).rejects.toMatchObject({ code: "waitpoint.expired" });
  await wakeDue(fixture.operations);
  expect(await fixture.ended(bgo.id)).toMatchObject({ status: "completed", output: "went on without" });
  expect((await resultsOf(bgo.id))["wait_for_token"]?.output).toMatchObject({ outcome: "timed_out" });
  const late = await fixture.operations.store.autocommit.waitpoints.find(fixture.caller.scope, wait.id);
  expect(late).toMatchObject({ status: "timed_out" });
});

test("the second answer is told that there was one, and changes nothing", async () => {
  verifies("P21.b");
  fixture.model.on("ask twice", [[call("wait_for_token", { question: "Which?" })], [text("thanks")]]);
  const bgo = await fixture.spawn({ prompt: "ask twice" });
  const wait = await openWait(bgo.id);
  const answers = ["a", "b", "a", "c"];
  const barrier = createBarrier(answers.length);
  const given = await Promise.allSettled(
    answers.map(async (value) => {
      await barrier();
      await completeWaitpoint(fixture.operations, wait, { status: "completed", value, actor: fixture.caller.actor });
      return value;
    }),
  );
  const taken = given.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  expect(taken).toHaveLength(1);
  for (const result of given) {
    if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "waitpoint.resolved" });
  }
  await fixture.ended(bgo.id);
  expect((await resultsOf(bgo.id))["wait_for_token"]?.output).toEqual({ outcome: "completed", value: taken[0] });
});

test("everything that one response waits for is awaited, in whatever order it comes", async () => {
  verifies("P11");
  fixture.model.on("ask two and sleep", [
    [
      call("wait_for_token", { question: "One?" }, "one"),
      call("wait_for_token", { question: "Two?" }, "two"),
      call("wait_until", { until: ago }, "past"),
    ],
    [text("all there")],
  ]);
  const bgo = await fixture.spawn({ prompt: "ask two and sleep" });
  const waits = await fixture.waiting(bgo.id);
  expect(waits.map(({ call: waiting }) => waiting?.callId)).toEqual(["one", "two"]);
  expect((await fixture.bgo(bgo.id)).reason).toContain("for 3 things");
  const barrier = createBarrier(waits.length);
  await Promise.all(
    waits.map(async (wait) => {
      await barrier();
      const value = wait.question ?? "";
      await completeWaitpoint(fixture.operations, wait, { status: "completed", value, actor: fixture.caller.actor });
    }),
  );
  expect(await fixture.ended(bgo.id)).toMatchObject({ status: "completed", output: "all there" });
  expect(Object.keys(await resultsOf(bgo.id)).toSorted()).toEqual(["one", "past", "two"]);
});

test("the user's next message answers the BGO that asks; the agent sees that it was meant for it", async () => {
  verifies("P22");
  fixture.model.on("ask the customer", [[call("wait_for_reply", { question: "Which colour?" })], [text("painting")]]);
  const bgo = await fixture.spawn({ prompt: "ask the customer" });
  const wait = await openWait(bgo.id);
  const [question] = await fixture.messages(bgo.threadId);
  expect(question).toMatchObject({ kind: "question", bgoId: bgo.id, waitpointId: wait.id });
  const posted = await postMessage(fixture.operations, fixture.caller, { threadId: bgo.threadId, text: "Red, please" });
  expect(posted.answeredWaitpointId).toBe(wait.id);
  expect(await fixture.ended(bgo.id)).toMatchObject({ status: "completed", output: "painting" });
  expect((await resultsOf(bgo.id))["wait_for_reply"]?.output).toMatchObject({ reply: "Red, please" });
  await fixture.turnEnded(posted.turnId);
  const asked = fixture.model.requestsWith("Red, please").at(-1)?.transcript.at(-1);
  expect(asked).toMatchObject({
    role: "user",
    text: expect.stringContaining(`answered the question of a background operation under ${wait.id}`),
  });
});

test("of several that ask, the oldest gets the reply, unless the message says which", async () => {
  verifies("P22");
  fixture.model.on("ask in turn", [[call("wait_for_reply", { question: "What?" })], [text("told")]]);
  const threadId = await fixture.newThread();
  const first = await fixture.spawn({ prompt: "ask in turn", threadId });
  await openWait(first.id);
  const second = await fixture.spawn({ prompt: "ask in turn", threadId });
  const third = await fixture.spawn({ prompt: "ask in turn", threadId });
  const named = await openWait(third.id);
  await openWait(second.id);
  const say = (said: string, inReplyTo?: string) =>
    postMessage(fixture.operations, fixture.caller, {
      threadId,
      text: said,
      ...(inReplyTo === undefined ? {} : { inReplyTo }),
    });
  await say("for the third", named.id);
  await say("for the first");
  await say("for the second");
  for (const { id } of [first, second, third]) await fixture.ended(id);
  const told = async (id: string) => (await resultsOf(id))["wait_for_reply"]?.output;
  expect(await told(first.id)).toMatchObject({ reply: "for the first" });
  expect(await told(second.id)).toMatchObject({ reply: "for the second" });
  expect(await told(third.id)).toMatchObject({ reply: "for the third" });
  await expect(say("too late", named.id)).rejects.toMatchObject({ code: "waitpoint.not_found" });
});

test("a cancel ends a waiting BGO and what it waited for", async () => {
  verifies("P16");
  fixture.model.on("ask and be cancelled", [[call("wait_for_reply", { question: "Still?" })], [text("never")]]);
  const bgo = await fixture.spawn({ prompt: "ask and be cancelled" });
  const wait = await openWait(bgo.id);
  expect(await cancelBgo(fixture.operations, fixture.caller, { bgoId: bgo.id })).toMatchObject({
    outcome: "cancelled",
  });
  await expect(
    completeWaitpoint(fixture.operations, wait, { status: "completed", value: 1, actor: fixture.caller.actor }),
  ).rejects.toMatchObject({ code: "waitpoint.expired" });
  expect((await fixture.messages(bgo.threadId)).map(({ kind }) => kind)).toEqual(["question", "bgo_cancelled"]);
});

test("a BGO whose thread is deleted is told that nobody can reply", async () => {
  verifies("P22");
  fixture.model.on("ask into the void", [[call("wait_for_reply", { question: "Hello?" })], [text("gone")]]);
  const bgo = await fixture.spawn({ prompt: "ask into the void" });
  await openWait(bgo.id);
  await deleteThread(fixture.operations, fixture.caller, bgo.threadId);
  expect(await fixture.ended(bgo.id)).toMatchObject({ status: "completed", output: "gone" });
  expect((await resultsOf(bgo.id))["wait_for_reply"]?.error?.message).toContain("its thread was deleted");
});

test("time that is spent waiting is not taken from the budget of time", async () => {
  verifies("P11");
  fixture.model.on("hurry slowly", [[call("wait_for_token", { question: "When?" })], [text("in time")]]);
  const bgo = await fixture.spawn({ prompt: "hurry slowly", budget: { maxDurationSeconds: 60 } });
  await openWait(bgo.id);
  await fixture.database.query(
    `update platos.platos_tasks set started_at = started_at - interval '3 days', moved_at = moved_at - interval '3 days'
     where id = $1`,
    [bgo.id],
  );
  await complete(bgo.id, "now");
  expect(await fixture.ended(bgo.id)).toMatchObject({ status: "completed", output: "in time" });
});

async function newToken(): Promise<string> {
  const token = { question: "Paid?", schema: null, signature: null, timeoutSeconds: 86_400 };
  return (await createToken(fixture.operations, fixture.caller, token)).id;
}

test("a token that was made before ends when the BGO has waited for as long as it wanted, and is told again", async () => {
  verifies("P21");
  const waitpointId = await newToken();
  fixture.model.on("wait a minute", [
    [call("wait_for_token", { waitpointId, timeoutSeconds: 60 }, "first")],
    [call("wait_for_token", { waitpointId }, "again")],
    [text("went on")],
  ]);
  const bgo = await fixture.spawn({ prompt: "wait a minute" });
  const wait = await openWait(bgo.id);
  expect(wait.dueAt.getTime() - Date.now()).toBeLessThan(61_000);
  await letTimePass(bgo.id);
  await wakeDue(fixture.operations);
  expect((await fixture.ended(bgo.id)).output).toBe("went on");
  const results = await resultsOf(bgo.id);
  expect(results["first"]?.output).toMatchObject({ outcome: "timed_out" });
  expect(results["again"]?.output).toMatchObject({ outcome: "timed_out" });
});

test("a token that somebody else waits for, or that is not there, is told as such", async () => {
  verifies("P21");
  const waitpointId = await newToken();
  fixture.model.on("wait for theirs", [
    [call("wait_for_token", { waitpointId }, "one"), call("wait_for_token", { waitpointId: "wpt_none" }, "two")],
    [text("no")],
  ]);
  const first = await fixture.spawn({ prompt: "wait for theirs" });
  await openWait(first.id);
  const second = await fixture.spawn({ prompt: "wait for theirs" });
  await fixture.ended(second.id);
  const results = await resultsOf(second.id);
  for (const callId of ["one", "two"]) expect(results[callId]?.error?.message).toContain("that nobody waits for");
});

test("one wait that cannot be ended keeps no other from its end", async () => {
  fixture.model.on("end with others", [[call("wait_for_token", { question: "When?" })], [text("went on")]]);
  const broken = await fixture.spawn({ prompt: "end with others" });
  const whole = await fixture.spawn({ prompt: "end with others" });
  await openWait(broken.id);
  await openWait(whole.id);
  await letTimePass(broken.id);
  await letTimePass(whole.id);
  await fixture.database.query(
    `create function refuse_one() returns trigger language plpgsql as $$ begin raise exception 'refused'; end $$`,
  );
  await fixture.database.query(
    `create trigger refuse_one before update on platos.waitpoints for each row
     when (old.owner_id = '${broken.id}') execute function refuse_one()`,
  );
  await expect(wakeDue(fixture.operations)).rejects.toThrow("could not be ended");
  expect((await fixture.ended(whole.id)).output).toBe("went on");
  await fixture.database.query("drop trigger refuse_one on platos.waitpoints");
  await wakeDue(fixture.operations);
  expect((await fixture.ended(broken.id)).output).toBe("went on");
});
