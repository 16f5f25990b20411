import { isTerminal } from "../../../packages/platos-tasks/src/core/lifecycle.ts";
import type { ModelPort } from "../../../packages/platos-tasks/src/core/ports/model.ts";
import type { DeliveryControls } from "../../../packages/platos-tasks/src/core/ports/engine.ts";
import type { BgoRow } from "../../../packages/platos-tasks/src/core/ports/store.ts";
import type { Tool } from "../../../packages/platos-tasks/src/core/tool.ts";
import type { ToolEnd } from "../../../packages/platos-tasks/src/core/transcript.ts";
import { runBgoSegment } from "../../../packages/platos-tasks/src/worker/run-bgo-segment.ts";
import { SuspectLine } from "../../../packages/platos-tasks/src/worker/suspect-line.ts";
import { endedOnce } from "./ended-once.ts";
import { deliveredNow } from "./race-ground.ts";
import type { Trial } from "./run-race.ts";

const never = new AbortController().signal;
const controls: DeliveryControls = { ...deliveredNow, signal: never, stopping: never, hurrying: never };

/** Runs the segment that a BGO names, as a worker that was delivered it: claim, loop, and its end or its suspension. */
export async function runSegment(
  { ground }: Pick<Trial, "ground">,
  of: {
    readonly bgo: Pick<BgoRow, "id" | "engineRunId">;
    readonly model: ModelPort;
    readonly runtime: number;
    /** None when absent. */
    readonly tools?: readonly Tool[];
  },
): Promise<void> {
  const { operations, clock, log } = ground.runtime(of.runtime);
  const live = { publishDelta: () => undefined };
  const segment = { id: of.bgo.engineRunId ?? "", ownerId: of.bgo.id, ownerKind: "bgo" } as const;
  const suspects = new SuspectLine();
  const tools = of.tools ?? [];
  await runBgoSegment({ operations, model: of.model, tools, live, clock, log, suspects }, segment, controls);
}

/**
 * Lets a BGO whose waits are all resolved go on to its end; gives what its model was told of each, by call. Null: it has
 * ended otherwise, or not at all, which is alarmed.
 */
export async function goesOn(
  trial: Trial,
  of: { readonly bgoId: string; readonly model: ModelPort },
): Promise<Readonly<Record<string, ToolEnd>> | null> {
  const { ground, alarm } = trial;
  const bgo = await ground.find(of.bgoId);
  if (!isTerminal(bgo.status)) {
    if (bgo.status !== "queued") alarm(`${bgo.id} is ${bgo.status} after everything it waited for had come`);
    else await runSegment(trial, { bgo, model: of.model, runtime: trial.index });
  }
  const status = await endedOnce(ground, of.bgoId, alarm);
  if (status !== "completed") return null;
  const { output } = await ground.find(of.bgoId);
  return JSON.parse(typeof output === "string" ? output : "{}") as Record<string, ToolEnd>;
}
