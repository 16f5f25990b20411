import type { CancelOutcome } from "../../../packages/platos-tasks/src/core/lifecycle.ts";
import { cancelBgoTool } from "../../../packages/platos-tasks/src/meta-tools/cancel-bgo.ts";
import { cancelBgo } from "../../../packages/platos-tasks/src/operations/cancel-bgo.ts";
import type { RaceGround } from "./race-ground.ts";

export interface CancelTarget {
  readonly bgoId: string;
  readonly threadId: string;
  /** Which of the ground's runtimes takes the order. */
  readonly runtime: number;
  /** Whose agent it is, and so whose tool reaches it; the ground's own when absent. */
  readonly agentId?: string;
}

/** The ways in by which a BGO can be cancelled. */
export const cancelDoors = {
  async Operation(ground: RaceGround, { bgoId, runtime }: CancelTarget) {
    return (await cancelBgo(ground.operations(runtime), ground.tenant, { bgoId })).outcome;
  },
  async Api(ground: RaceGround, { bgoId }: CancelTarget) {
    const { status, body } = await ground.tenant.call("POST", `/api/v1/platos-tasks/${bgoId}/cancel`, {});
    if (status !== 200) throw new Error(`The API answered a cancel with ${status}: ${JSON.stringify(body)}.`);
    return String(body["outcome"]);
  },
  async Tool(ground: RaceGround, { bgoId, threadId, runtime, agentId }: CancelTarget) {
    const { scope } = ground.tenant;
    const caller = { scope, actor: { type: "agent", id: agentId ?? ground.agent.id } } as const;
    const tool = cancelBgoTool({ operations: ground.operations(runtime), caller });
    const context = { scope, threadId, bgoId: null, callKey: "cancel", signal: new AbortController().signal };
    const answer = (await tool.run({ bgoId }, context)) as { readonly outcome: CancelOutcome };
    return answer.outcome;
  },
} as const;

export type CancelDoor = keyof typeof cancelDoors;

export const cancelDoorNames = Object.keys(cancelDoors) as readonly CancelDoor[];
