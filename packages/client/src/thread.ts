import type { Turn } from "./turn.ts";

export interface Thread {
  readonly id: string;
  readonly agentId: string;
  readonly agentSlug: string;
  readonly title: string | null;
  /** The `seq` of its newest message; 0 when it has none. */
  readonly lastSeq: number;
  /** BGOs of this thread that are not in a terminal status. */
  readonly activeBgoCount: number;
  /** The newest turn: a viewer who comes late sees that an answer is being written, or that the last one failed. */
  readonly latestTurn: Turn | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** Body of `POST /api/v1/threads`. */
export interface CreateThreadBody {
  /** Id or slug. */
  readonly agent: string;
  readonly title?: string;
}
