import type { Actor } from "./actor.ts";
import type { OnComplete } from "./bgo.ts";
import type { Budget } from "./budget.ts";
import type { Scope } from "./scope.ts";

export const scheduleStatuses = ["active", "paused", "cancelled"] as const;

export type ScheduleStatus = (typeof scheduleStatuses)[number];

/**
 * What happens when a fire comes due while a BGO of an earlier fire is still live. `skip`: it is left out. `queue`: its
 * BGO starts when those before it have ended. `parallel`: it starts beside them.
 */
export const overlapPolicies = ["skip", "queue", "parallel"] as const;

export type OverlapPolicy = (typeof overlapPolicies)[number];

/**
 * What happens to fires that nobody was there to start. `skip`: they are left out. `one`: the latest due fire makes up
 * for all before it. `all`: each is made up for, the newest `maxMissed` of them.
 */
export const missedPolicies = ["skip", "one", "all"] as const;

export type MissedPolicy = (typeof missedPolicies)[number];

/** A fire that a worker finds later than this was missed; until then it is only late, whatever the policy says. */
export const missedAfterMs = 60_000;

/** How many fires of one long absence are counted; of more it is only told that there were more. */
export const maxCountedMissed = 1000;

export const scheduleLimits = { maxJitterSeconds: 3600, maxMissed: 100, cronChars: 200, timeZoneChars: 64 } as const;

/** Wall-clock times that repeat: five cron fields, read in an IANA time zone. */
export interface CronRule {
  readonly cron: string;
  readonly timeZone: string;
}

/** Starts a BGO in its thread again and again. */
export interface Schedule extends CronRule {
  readonly id: string;
  readonly scope: Scope;
  readonly status: ScheduleStatus;
  /** Why it was paused or cancelled; for people. */
  readonly reason: string | null;
  readonly threadId: string;
  readonly agentId: string;
  /** Of its BGOs: how deep they are nested. */
  readonly depth: number;
  readonly label: string | null;
  readonly prompt: string;
  /** Null: whatever the agent has when it fires. */
  readonly tools: readonly string[] | null;
  readonly budget: Budget;
  readonly onComplete: OnComplete;
  readonly overlap: OverlapPolicy;
  readonly missed: MissedPolicy;
  readonly maxMissed: number;
  readonly jitterSeconds: number;
  /** Its own place within the jitter: every fire starts this much after its instant. */
  readonly delayMs: number;
  /** Every instant up to here is decided; those after it are still to come. */
  readonly decidedThrough: Date;
  /** Null unless it is active. */
  readonly nextFireAt: Date | null;
  /** In whose name it fires. */
  readonly createdBy: Actor;
  readonly argsHash: string;
  /** Rises on every change that people make. */
  readonly rev: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/**
 * What became of a due instant. `spawned`: it has its BGO. `skipped`: one before it was still live. `missed`: nobody
 * was there in time. `refused`: its BGO could not be spawned, and the reason says why.
 */
export const fireOutcomes = ["spawned", "skipped", "missed", "refused"] as const;

export type FireOutcome = (typeof fireOutcomes)[number];

/** The record of one due instant, or of a row of missed ones. */
export interface ScheduleFire {
  readonly at: Date;
  /** Equal to `at`, but for a row of missed instants: then the last of them. */
  readonly through: Date;
  readonly outcome: FireOutcome;
  readonly bgoId: string | null;
  /** How many instants it stands for; null when there were more than {@link maxCountedMissed}. */
  readonly count: number | null;
  readonly reason: string | null;
  readonly decidedAt: Date;
}

const keyScopePrefix = "schedule:";

/** The idempotency key of a fire: one BGO per schedule and instant, whoever tries. */
export function fireKey(scheduleId: string, at: Date): { readonly keyScope: string; readonly idempotencyKey: string } {
  return { keyScope: keyScopePrefix + scheduleId, idempotencyKey: at.toISOString() };
}

/** The schedule that fired a BGO, as its key tells; null for every other BGO. */
export function scheduleIdOf({ keyScope }: { readonly keyScope: string }): string | null {
  return keyScope.startsWith(keyScopePrefix) ? keyScope.slice(keyScopePrefix.length) : null;
}
