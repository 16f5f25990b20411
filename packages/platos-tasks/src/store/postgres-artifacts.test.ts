import { expect, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import { cancelBgo } from "../operations/cancel-bgo.ts";
import { nextYear } from "../testing/next-year.ts";
import { useRuntime } from "../testing/runtime-fixture.ts";

const fixture = useRuntime({ works: false });

function file(bgo: { readonly id: string; readonly threadId: string }, key: string) {
  return {
    threadId: bgo.threadId,
    bgoId: bgo.id,
    key,
    name: "a.txt",
    mediaType: "text/plain",
    content: new TextEncoder().encode("content"),
  };
}

const rowsOf = (bgoId: string) =>
  fixture.database.query("select name from platos.artifacts where bgo_id = $1", [bgoId]);

test("a file that comes after its BGO has ended is refused, and nothing of it stays", async () => {
  verifies("R9");
  const bgo = await fixture.spawn({ runAt: nextYear() });
  const { artifacts } = fixture.runtime;
  await artifacts.save(fixture.caller.scope, file(bgo, "in time"));
  await cancelBgo(fixture.operations, fixture.caller, { bgoId: bgo.id });
  await expect(artifacts.save(fixture.caller.scope, file(bgo, "late"))).rejects.toMatchObject({
    code: "segment.superseded",
  });
  expect(await rowsOf(bgo.id)).toEqual([{ name: "a.txt" }]);
});

test("of a file and an end at once, the end has the file or the file is refused", async () => {
  verifies("R9");
  for (let trial = 0; trial < 10; trial += 1) {
    const bgo = await fixture.spawn({ runAt: nextYear() });
    const [saved] = await Promise.allSettled([
      fixture.runtime.artifacts.save(fixture.caller.scope, file(bgo, `trial ${trial}`)),
      cancelBgo(fixture.operations, fixture.caller, { bgoId: bgo.id }),
    ]);
    const [end] = (await fixture.messages(bgo.threadId)).filter(({ bgoId, terminal }) => terminal && bgoId === bgo.id);
    const files = (end?.parts ?? []).filter(({ type }) => type === "file");
    expect(files).toHaveLength(saved.status === "fulfilled" ? 1 : 0);
    expect(await rowsOf(bgo.id)).toHaveLength(files.length);
  }
});
