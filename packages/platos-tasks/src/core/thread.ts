export interface Thread {
  readonly id: string;
  readonly agentId: string;
  readonly title: string | null;
  /** The `seq` of its newest message; 0 when it has none. */
  readonly lastSeq: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}
