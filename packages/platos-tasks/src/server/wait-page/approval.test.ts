import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { verifies } from "../../../../../spec/verifies.ts";
import type { Agent } from "../../core/agent.ts";
import type { Json } from "../../core/json.ts";
import { defineTool } from "../../core/tool.ts";
import { spawnBgo } from "../../operations/spawn-bgo.ts";
import { useRuntime } from "../../testing/runtime-fixture.ts";
import { call, text } from "../../testing/scripted-model-port.ts";
import { createTestAgent, createTestThread, eventually } from "../../testing/test-runtime.ts";
import {
  createTestTenantWithKey,
  startTestServer,
  type TestServer,
  type TestTenant,
} from "../../testing/test-server.ts";

const paid: Json[] = [];
const pay = defineTool({
  name: "pay",
  description: "Pays.",
  effect: "at_most_once",
  inputSchema: z.strictObject({ to: z.string(), amount: z.number() }),
  run: async (input) => {
    paid.push(input);
    return "paid";
  },
});

const fixture = useRuntime({ works: true, tools: [pay] });
let server: TestServer;
let tenant: TestTenant;
let agent: Agent;

beforeAll(async () => {
  server = await startTestServer(fixture.runtime);
  tenant = await createTestTenantWithKey(fixture.runtime, server);
  agent = await createTestAgent(fixture.runtime, tenant, { tools: ["pay"], askTools: ["pay"] });
});

afterAll(() => server.close());

interface Asked {
  readonly id: string;
  readonly publicUrl: string;
  readonly webhookUrl: null;
  readonly approval: { readonly tool: string; readonly args: Json; readonly argsHash: string };
}

/** A BGO that waits for the approval of a payment, as the API shows it. */
async function askFor(to: string): Promise<{ readonly asked: Asked; readonly end: () => Promise<unknown> }> {
  fixture.model.on(to, [[call("pay", { to, amount: 340 })], [text("went on")]]);
  const threadId = await createTestThread(fixture.runtime, tenant, agent);
  const { bgo } = await spawnBgo(fixture.operations, tenant, { prompt: to, threadId, tools: ["pay"] });
  const asked = await eventually("the approval to be asked for", async () => {
    const { body } = await tenant.call("GET", `/api/v1/waitpoints?kind=approval&status=open&bgo=${bgo.id}`);
    return (body["items"] as Asked[])[0];
  });
  const end = () =>
    eventually("the BGO to end", async () => {
      const { body } = await tenant.call("GET", `/api/v1/platos-tasks/${bgo.id}`);
      return body["status"] === "completed";
    });
  return { asked, end };
}

const send = (url: string, fields: Record<string, string>) =>
  fetch(url, { method: "POST", body: new URLSearchParams(fields) });

test("the page shows the call as it would be made, and its Approve lets it run", async () => {
  verifies("P23.a", "P21.a");
  const { asked, end } = await askFor("<b>Ann</b>");
  expect(asked).toMatchObject({ approval: { tool: "pay", args: { to: "<b>Ann</b>", amount: 340 } }, webhookUrl: null });
  const page = await (await fetch(asked.publicUrl)).text();
  for (const part of ["May pay run", "&lt;b&gt;Ann&lt;/b&gt;", "340", asked.approval.argsHash])
    expect(page).toContain(part);
  expect(page).not.toContain("<b>Ann");
  const refused = await send(asked.publicUrl, { decision: "perhaps" });
  expect(refused.status).toBe(422);
  expect(await refused.text()).toContain("Choose Approve or Deny.");
  expect((await send(asked.publicUrl, { decision: "approve", argsHash: "0".repeat(64) })).status).toBe(422);
  expect(paid).toEqual([]);
  const { argsHash } = asked.approval;
  expect((await send(asked.publicUrl, { decision: "approve", args: '{"to":"thief"}', argsHash })).status).toBe(200);
  await end();
  expect(paid.splice(0)).toEqual([{ to: "<b>Ann</b>", amount: 340 }]);
});

test("Deny on the page, with its reason, keeps the call from running", async () => {
  verifies("P23.a");
  const { asked, end } = await askFor("Bob");
  expect((await send(asked.publicUrl, { decision: "deny", reason: " too much " })).status).toBe(200);
  await end();
  expect(paid).toEqual([]);
  const { body } = await tenant.call("GET", `/api/v1/waitpoints/${asked.id}`);
  expect(body).toMatchObject({ resolution: { decision: "deny", reason: "too much" } });
});

test("an approval is a person's: no webhook opens it, the API does", async () => {
  verifies("P23.a", "S10");
  const { asked, end } = await askFor("Cleo");
  const hook = asked.publicUrl.replace("/w/", "/hooks/");
  const headers = { "content-type": "application/json" };
  expect((await fetch(hook, { method: "POST", headers, body: '{"decision":"approve"}' })).status).toBe(404);
  const value = { decision: "approve", args: { to: "Cleo", amount: 1 } };
  const answer = await tenant.call("POST", `/api/v1/waitpoints/${asked.id}/complete`, { value });
  expect(answer).toMatchObject({ status: 200, body: { status: "completed", publicUrl: null } });
  await end();
  expect(paid.splice(0)).toEqual([{ to: "Cleo", amount: 1 }]);
});
