import type { WaitpointRow } from "../../../packages/platos-tasks/src/core/ports/store.ts";
import type { RaceGround } from "../../harness/race/race-ground.ts";

const hourMs = 3_600_000;

/** A token that nobody waits for yet. */
export async function makeToken(ground: RaceGround, dueInMs: number = hourMs): Promise<WaitpointRow> {
  const { store, identity, links } = ground.operations(0);
  const id = identity.newId("waitpoint");
  const made = await store.autocommit.waitpoints.insert(ground.tenant.scope, {
    id,
    kind: "token",
    call: null,
    threadId: null,
    question: "What is it?",
    schema: null,
    tokenHash: identity.sha256(links.tokenOf(id)),
    signature: null,
    targetBgoId: null,
    args: null,
    argsHash: null,
    due: { inMs: dueInMs },
  });
  if (made === null) throw new Error("A token could not be made.");
  return made;
}
