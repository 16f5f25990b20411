/** A spawn that the API acknowledged, with what was asked for. */
export interface AcknowledgedSpawn {
  readonly key: string;
  readonly threadId: string;
  readonly prompt: string;
  readonly bgoId: string;
  readonly atMs: number;
}

export interface AcknowledgedCancel {
  readonly bgoId: string;
  readonly prompt: string;
  readonly outcome: string;
  readonly askedAtMs: number;
  readonly atMs: number;
}

/** What the outside world was promised: the other half of every comparison with the database. */
export interface Acknowledged {
  readonly spawns: AcknowledgedSpawn[];
  readonly cancels: AcknowledgedCancel[];
  readonly deletedThreads: Set<string>;
  /** Broken promises that the answers alone show, one sentence each. */
  readonly alarms: string[];
}
