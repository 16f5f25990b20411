import { expect, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import type { Store } from "../core/ports/store.ts";
import { createBarrier } from "../testing/gate.ts";
import { useRuntime } from "../testing/runtime-fixture.ts";
import { createAgent } from "./save-agent.ts";
import { createLoginToken, loginByToken } from "./login.ts";
import { seedDefaults } from "./seed.ts";

const fixture = useRuntime();

const seed = (apiKey?: string, model = "demo:scripted") =>
  seedDefaults(fixture.operations, { apiKey, model, isModelChosen: true, toolNames: [] });

test("processes that boot at once on an empty database make one environment, one agent and one key", async () => {
  const seeded = await Promise.all(Array.from({ length: 8 }, () => seed()));
  expect(new Set(seeded.map(({ environment }) => environment.envId)).size).toBe(1);
  const keys = seeded.flatMap(({ newKey }) => newKey ?? []);
  expect(keys).toHaveLength(1);
  const found = await fixture.operations.store.autocommit.access.findKey(
    fixture.operations.identity.sha256(keys[0] ?? ""),
  );
  expect(found?.environment.envId).toBe(seeded[0]?.environment.envId);
});

test("a key is stored as its hash only", async () => {
  verifies("S03");
  const { environment, newKey } = await seed("a-key-of-at-least-twenty-characters");
  expect(newKey).toBeNull();
  const rows = await fixture.database.query("select * from platos.api_keys where env_id = $1", [environment.envId]);
  expect(JSON.stringify(rows)).not.toContain("a-key-of-at-least");
  const { access } = fixture.operations.store.autocommit;
  expect(await access.findKey("a-key-of-at-least-twenty-characters")).toBeNull();
});

test("another model at a later start is a new version of the seeded agent, the same one is none", async () => {
  const { environment } = await seed();
  const version = async () =>
    (await fixture.operations.store.autocommit.agents.find(environment, "assistant"))?.version ?? 0;
  const before = await version();
  await seed();
  expect(await version()).toBe(before);
  await seed(undefined, "demo:other");
  expect(await version()).toBe(before + 1);
});

test("of agents that are made at once under one slug one is made, and the others are told that it is taken", async () => {
  verifies("R1");
  const settings = { name: "A", model: "demo:x", systemPrompt: "", tools: [], metaTools: [], askTools: [], budget: {} };
  // All have looked before the first one writes.
  const arrive = createBarrier(5);
  const { store } = fixture.operations;
  const slow: Store = {
    ...store,
    transaction: (name, run) =>
      store.transaction(name, (tx) =>
        run({
          ...tx,
          agents: {
            ...tx.agents,
            async find(...what) {
              const found = await tx.agents.find(...what);
              await arrive();
              return found;
            },
          },
        }),
      ),
  };
  const made = await Promise.allSettled(
    Array.from({ length: 5 }, () =>
      createAgent({ ...fixture.operations, store: slow }, fixture.caller, { slug: "one", ...settings }),
    ),
  );
  const refused = made.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
  expect(refused).toHaveLength(4);
  for (const reason of refused) expect(reason).toMatchObject({ code: "input.invalid", issues: [{ path: "slug" }] });
});

test("a sign-in link opens one session, however often it is used at once", async () => {
  const token = await createLoginToken(fixture.operations, fixture.caller.scope);
  const sessions = await Promise.all(Array.from({ length: 10 }, () => loginByToken(fixture.operations, token)));
  expect(sessions.filter((session) => session !== null)).toHaveLength(1);
  expect(await loginByToken(fixture.operations, token)).toBeNull();
});
