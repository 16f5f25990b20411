import pg from "pg";
import { expect, test } from "vitest";
import { verifies } from "../../../../../spec/verifies.ts";
import { useRuntime } from "../../testing/runtime-fixture.ts";
import { call, text } from "../../testing/scripted-model-port.ts";
import { eventually } from "../../testing/test-runtime.ts";
import { expireWaits } from "./expire-waits.ts";

const fixture = useRuntime({ works: true });

async function parked(name: string) {
  fixture.model.on(name, [[call("wait_for_token", { question: "Anybody?" })], [text("went on without")]]);
  const bgo = await fixture.spawn({ prompt: name });
  await fixture.waiting(bgo.id);
  return bgo.id;
}

test("a BGO that somebody holds does not keep the waits of others from ending", async () => {
  verifies("P21");
  const held = await parked("held by somebody");
  const others = [await parked("held by nobody"), await parked("nor this one")];
  const holder = new pg.Client({ connectionString: fixture.database.connectionString });
  await holder.connect();
  await holder.query("begin");
  await holder.query("select id from platos.platos_tasks where id = $1 for update", [held]);
  // The held one is due first.
  await fixture.database.query(
    `update platos.waitpoints set due_at = now() - case owner_id when $1 then interval '1 second' else interval '0' end
     where status = 'open'`,
    [held],
  );
  const expiring = expireWaits(fixture.operations);
  for (const id of others) expect((await fixture.ended(id)).status).toBe("completed");
  expect((await fixture.bgo(held)).status).toBe("waiting");
  await holder.query("rollback");
  await holder.end();
  await expiring;
  await eventually("the held one to end", async () => (await fixture.bgo(held)).status === "completed");
});
