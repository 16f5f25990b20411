import type { Actor } from "../actor.ts";
import type { Agent } from "../agent.ts";
import type { Artifact } from "../artifact.ts";
import type { AuditEntry, NewAuditEntry } from "../audit.ts";
import type { Bgo, OnComplete, Progress } from "../bgo.ts";
import type { Budget } from "../budget.ts";
import type { ListCursor } from "../cursor.ts";
import type { FailureView } from "../errors.ts";
import type { RecordedStep, Step } from "../journal.ts";
import type { Json } from "../json.ts";
import type { Status } from "../lifecycle.ts";
import type { Message, MessageKind, MessagePart, MessageRole } from "../message.ts";
import type { Scope } from "../scope.ts";
import type { Thread } from "../thread.ts";
import type { Turn, TurnCause } from "../turn.ts";
import type { ResolvedStatus, WaitingCall, Waitpoint, WaitpointKind, WaitpointStatus } from "../waitpoint.ts";
import type { JournalTotals } from "./journal.ts";
import type { ScheduleQueries } from "./schedules.ts";

/**
 * The database, as operations see it. Errors: `store.unavailable` when it cannot be reached (no transaction was
 * committed; a single statement on `autocommit` may have been, if the connection was lost in the middle of it),
 * `store.commit_unknown` when the connection was lost while committing: look it up by id or key, never insert again.
 */
export interface Store {
  /** Runs in one transaction. The name is what fault harnesses, traces and slow-query logs call it. */
  transaction<Result>(name: string, run: (tx: Transaction) => Promise<Result>): Promise<Result>;
  /** Each call on this one is a single statement that commits by itself. */
  readonly autocommit: Tx;
}

/** Raw statements, for engines that keep their own tables in the same transaction. */
export interface SqlExecutor {
  executeSql(text: string, values?: readonly unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
}

export interface Tx extends SqlExecutor {
  /** The clock that decides what is due, whatever the processes around it think. */
  now(): Promise<Date>;
  readonly agents: AgentQueries;
  readonly threads: ThreadQueries;
  readonly messages: MessageQueries;
  readonly turns: TurnQueries;
  readonly bgos: BgoQueries;
  readonly journal: JournalQueries;
  readonly waitpoints: WaitpointQueries;
  readonly audit: AuditQueries;
  readonly access: AccessQueries;
  readonly schedules: ScheduleQueries;
}

export interface Transaction extends Tx {
  /**
   * Statements that were sent already and whose answers the rest does not need: the commit is sent right behind them,
   * and the transaction ends when all have answered. One that fails rolls everything back and is what is thrown.
   */
  lastly(statements: Promise<unknown>): void;
}

export interface AgentQueries {
  insert(scope: Scope, agent: NewAgent): Promise<Agent>;
  /** Adds an immutable version and makes it the current one. Null when the agent is not of this scope. */
  addVersion(scope: Scope, agentId: string, version: NewAgentVersion): Promise<Agent | null>;
  /** As `find`, and holds it until the transaction ends. */
  lock(scope: Scope, idOrSlug: string): Promise<Agent | null>;
  /** By id or slug. */
  find(scope: Scope, idOrSlug: string): Promise<Agent | null>;
  /** The agent whose thread it is; null when there is no such thread here. */
  findOfThread(scope: Scope, threadId: string): Promise<Agent | null>;
  list(scope: Scope, page: PageRequest): Promise<readonly Agent[]>;
}

export interface NewAgentVersion extends Pick<
  Agent,
  "name" | "model" | "systemPrompt" | "tools" | "metaTools" | "askTools" | "budget"
> {
  readonly versionId: string;
}

export interface NewAgent extends NewAgentVersion {
  readonly id: string;
  readonly slug: string;
}

export interface PageRequest {
  readonly limit: number;
  readonly cursor: ListCursor | null;
}

export interface ThreadQueries {
  insert(scope: Scope, thread: NewThread): Promise<Thread>;
  /**
   * Takes the thread's row lock: the one lock under which messages get their `seq`, and a BGO's parent, children and
   * waits agree. Null: not there, or deleted; what is left of a deleted one is locked all the same.
   */
  lock(scope: Scope, threadId: string): Promise<Thread | null>;
  find(scope: Scope, threadId: string): Promise<Thread | null>;
  findByClientChatId(scope: Scope, clientChatId: string): Promise<Thread | null>;
  list(scope: Scope, page: PageRequest): Promise<readonly ThreadSummary[]>;
  summarise(scope: Scope, threadId: string): Promise<ThreadSummary | null>;
  rename(scope: Scope, threadId: string, title: string): Promise<void>;
  /** Removes its messages and turns; the row stays as a tombstone for its BGOs. False when there was none. */
  delete(scope: Scope, threadId: string): Promise<boolean>;
}

export interface NewThread {
  readonly id: string;
  readonly agentId: string;
  readonly title: string | null;
  readonly clientChatId: string | null;
}

export interface ThreadSummary extends Thread {
  readonly agentSlug: string;
  readonly activeBgoCount: number;
  readonly latestTurn: Turn | null;
}

export interface NewMessage {
  readonly id: string;
  readonly threadId: string;
  readonly role: MessageRole;
  readonly kind: MessageKind;
  readonly authorAgentId: string | null;
  readonly bgoId: string | null;
  readonly turnId: string | null;
  readonly terminal: boolean;
  readonly parts: readonly MessagePart[];
  /** Of a question: what it asks for; of a user's message: what it answers. */
  readonly waitpointId?: string;
  readonly idempotencyKey?: string;
  /** Hash of what the caller sent, to tell a repeat from a conflict. */
  readonly bodyHash?: string;
}

export interface MessageQueries {
  /** Gives it the thread's next `seq` and appends the event. The caller holds the thread's lock. */
  append(scope: Scope, message: NewMessage): Promise<Message>;
  /** Replaces what a message says, with its event. False when there is no such message. */
  replaceParts(scope: Scope, messageId: string, parts: readonly MessagePart[]): Promise<boolean>;
  findByKey(scope: Scope, threadId: string, key: string): Promise<{ message: Message; bodyHash: string } | null>;
  list(scope: Scope, threadId: string, range: { afterSeq: number; limit: number }): Promise<readonly Message[]>;
  /** The newest messages up to a `seq`, oldest first: what a turn may see. */
  history(scope: Scope, threadId: string, range: { throughSeq: number; limit: number }): Promise<readonly Message[]>;
}

export interface NewTurn {
  readonly id: string;
  readonly threadId: string;
  readonly agentVersionId: string;
  readonly cause: TurnCause;
  readonly userMessageId: string | null;
  readonly assistantMessageId: string;
  /** The `seq` of the message it answers; later messages of users belong to later turns. */
  readonly position: number;
  /** Of the BGO that woke it; 0 for a person's message. */
  readonly depth: number;
}

/** What a worker gets with a claim of a turn. */
export interface ClaimedTurn extends Turn {
  readonly scope: Scope;
  readonly agent: Agent;
  readonly epoch: number;
  readonly crashes: number;
  readonly position: number;
  readonly depth: number;
  /** The history of the turn ends here, fixed at its first start. */
  readonly openingSeq: number;
  readonly totals: JournalTotals;
}

export interface TurnQueries {
  insert(scope: Scope, turn: NewTurn): Promise<Turn>;
  find(scope: Scope, turnId: string): Promise<Turn | null>;
  /** The one that runs or waits for an approval, else the oldest that is queued. Null: all are over. */
  findCurrent(scope: Scope, threadId: string): Promise<Turn | null>;
  /** The oldest turn that still waits, if none of the thread is due or running. */
  nextWaiting(scope: Scope, threadId: string): Promise<Turn | null>;
  /** Whether results that asked for a turn came in since the last turn began to read. */
  hasUnreadResults(turn: Pick<ClaimedTurn, "id" | "threadId">): Promise<boolean>;
  /** Whether a turn that will read all new results is queued and has not begun. */
  hasWaitingWake(threadId: string): Promise<boolean>;
  /**
   * Takes it under a new epoch: while it is queued (`from` null), or from the epoch that runs it, whose worker has crashed
   * or takes it up again. Null: it is not so, superseded or over.
   */
  claim(
    turnId: string,
    segmentId: string,
    from: { readonly epoch: number; readonly isCrash: boolean } | null,
  ): Promise<ClaimedTurn | null>;
  /** The epoch under which the segment is running; null when it is not. */
  runningEpoch(turnId: string, segmentId: string): Promise<number | null>;
  /** Ends it. False: a higher epoch has it, or it is over. */
  finish(turn: FencedOwner, end: { status: "completed" | "failed"; error: FailureView | null }): Promise<boolean>;
  /** Lets it wait: it has no segment any more and keeps its place. False as in `finish`. */
  suspend(turn: FencedOwner): Promise<boolean>;
  /** Queues a waiting one under a segment. False: it does not wait. */
  wake(turnId: string, segmentId: string): Promise<boolean>;
  /** Gives it back: now under another segment, or later (`wakeInMs`). False as in `finish`. */
  release(turn: FencedOwner, release: Release): Promise<boolean>;
}

/** An owner of a journal, as one epoch holds it. */
export interface FencedOwner {
  readonly scope: Scope;
  readonly id: string;
  readonly epoch: number;
}

export interface Release {
  readonly segmentId: string | null;
  readonly wakeInMs: number | null;
  readonly attempt: number;
}

export interface NewBgo {
  readonly id: string;
  readonly threadId: string;
  readonly agentId: string;
  readonly agentVersionId: string;
  readonly parentBgoId: string | null;
  readonly turnId: string | null;
  readonly depth: number;
  readonly label: string | null;
  readonly prompt: string;
  readonly tools: readonly string[];
  readonly budget: Budget;
  readonly onComplete: OnComplete;
  readonly status: "queued" | "scheduled";
  readonly reason: string | null;
  readonly segmentId: string | null;
  readonly runAt: Date | null;
  readonly keyScope: string;
  readonly idempotencyKey: string;
  readonly keyIsDerived: boolean;
  readonly argsHash: string;
  readonly engine: string;
}

export interface BgoKey {
  readonly keyScope: string;
  readonly idempotencyKey: string;
}

/** Another caller came first with the same key. */
export class KeyTaken extends Error {
  readonly key: BgoKey;

  constructor(key: BgoKey) {
    super("The idempotency key was taken meanwhile.");
    this.key = key;
  }
}

export interface BgoFilter {
  readonly statuses?: readonly Status[];
  readonly threadId?: string;
  readonly agentId?: string;
  /** Found in id, label or prompt, without regard to case. */
  readonly text?: string;
  readonly since?: Date;
}

/** Who may make a transition: the epoch that holds the row, the segment that was delivered, or anybody (a cancel). */
export type TransitionGuard =
  | { readonly epoch: number }
  | { readonly segmentId: string }
  | { readonly segmentId: string; readonly epoch: number }
  | "any";

export interface BgoTransition {
  readonly id: string;
  readonly from: readonly Status[];
  readonly to: Status;
  readonly guard: TransitionGuard;
  readonly actor: Actor;
  readonly reason: string | null;
  /** Absent members stay as they are. */
  readonly changes: BgoChanges;
}

export interface BgoChanges {
  readonly segmentId?: string | null;
  readonly newEpoch?: boolean;
  readonly attempt?: number;
  readonly crashes?: number;
  readonly wakeInMs?: number | null;
  /** The time for which it was scheduled becomes now. */
  readonly runsNow?: boolean;
  /** Gives way to a staged result. */
  readonly output?: Json | null;
  readonly error?: FailureView | null;
  readonly started?: boolean;
  readonly finished?: boolean;
}

/** The row with what only the runtime needs. */
export interface BgoRow extends Bgo {
  readonly scope: Scope;
  readonly agentVersionId: string;
  readonly turnId: string | null;
  readonly epoch: number;
  readonly crashes: number;
  readonly stagedResult: string | null;
  readonly argsHash: string;
  readonly elapsedSeconds: number;
  readonly keyScope: string;
}

export interface ScheduledStart {
  readonly bgoId: string;
  readonly segmentId: string;
}

export interface BgoQueries {
  /** Throws {@link KeyTaken} when the key is: the transaction is over, look the holder up by it in another one. */
  insert(scope: Scope, bgo: NewBgo, actor: Actor): Promise<BgoRow>;
  find(scope: Scope, bgoId: string): Promise<BgoRow | null>;
  /** For workers, which serve every scope: the segment they were given names the row. */
  findForSegment(bgoId: string, segmentId: string): Promise<{ bgo: BgoRow; agent: Agent } | null>;
  findByKey(scope: Scope, key: BgoKey): Promise<BgoRow | null>;
  list(scope: Scope, filter: BgoFilter, page: PageRequest): Promise<readonly Bgo[]>;
  /** How many are live in the thread, and how many the turn or the parent has spawned. The caller holds the lock. */
  countForCaps(of: { threadId: string; turnId: string | null; parentBgoId: string | null }): Promise<CapCounts>;
  /**
   * Children of a BGO, their children and so on, as far as they have not ended, nearest first; each is held until the
   * transaction ends. The caller holds the lock of their thread.
   */
  lockLiveDescendants(bgoId: string): Promise<readonly BgoRow[]>;
  /** The one statement that changes a status; audit and event commit with it. Null: the guard or the status refused. */
  transition(transition: BgoTransition): Promise<BgoRow | null>;
  /**
   * `transition` from scheduled to queued for many at once, each under its segment, with their audit and events. Gives
   * the ids of those that were scheduled.
   */
  startScheduled(starts: readonly ScheduledStart[], by: { actor: Actor; reason: string }): Promise<readonly string[]>;
  /** Another time for a scheduled one; audit and event commit with it. Null: it is not scheduled here. */
  reschedule(scope: Scope, to: { bgoId: string; runAt: Date }, actor: Actor): Promise<BgoRow | null>;
  /** Files it has made, oldest first. */
  listArtifacts(scope: Scope, bgoId: string): Promise<readonly Artifact[]>;
  /** Progress and staged result of a running BGO. False: a higher epoch has it, or it is over. */
  annotate(bgo: FencedOwner, notes: { progress?: Progress; stagedResult?: string }): Promise<boolean>;
}

export interface CapCounts {
  readonly liveInThread: number;
  readonly spawnedByParent: number;
  /** Of a parent BGO, whose end takes its children along: it can have no more. */
  readonly parentHasEnded: boolean;
}

export interface DueOwner {
  readonly ownerKind: "bgo" | "turn";
  readonly ownerId: string;
}

/** Of what there is some that is due. */
export interface DueWork {
  /** BGOs that are scheduled, and BGOs and turns after their back-off. */
  readonly owners: boolean;
  readonly waits: boolean;
  readonly schedules: boolean;
}

export interface OpenSegment extends DueOwner {
  readonly segmentId: string;
}

export interface JournalQueries {
  read(owner: Pick<FencedOwner, "id">): Promise<readonly RecordedStep[]>;
  list(scope: Scope, ownerId: string, range: { afterStep: number; limit: number }): Promise<readonly RecordedStep[]>;
  /** Appends steps to the owner's journal and adds them to its totals. Null: superseded, or over. */
  recordForBgo(bgo: FencedOwner, steps: readonly Step[], doing: string): Promise<JournalTotals | null>;
  recordForTurn(turn: FencedOwner, steps: readonly Step[]): Promise<JournalTotals | null>;
  /** BGOs and turns whose `wake_at` has come, locked for this transaction; others skip them. */
  takeDue(limit: number): Promise<readonly DueOwner[]>;
  /** One look at everything that time makes due, by the database's clock. */
  whatIsDue(): Promise<DueWork>;
  /** Names the segment that will run the owner now. False: it is over, or named another segment than `instead`. */
  assignSegment(owner: DueOwner, segmentId: string, instead: string | null): Promise<boolean>;
  /** Owners that name a segment and have not moved for a while: their segment may have been lost. */
  listSuspects(olderThanMs: number, limit: number): Promise<readonly OpenSegment[]>;
}

/** A waitpoint with what only the runtime needs. */
export interface WaitpointRow extends Waitpoint {
  readonly scope: Scope;
}

export interface NewWaitpoint extends Pick<
  Waitpoint,
  | "id"
  | "kind"
  | "call"
  | "threadId"
  | "question"
  | "schema"
  | "tokenHash"
  | "signature"
  | "targetBgoId"
  | "args"
  | "argsHash"
> {
  /** A time, or so many milliseconds from now by the database's clock. */
  readonly due: Date | { readonly inMs: number };
}

export interface WaitpointResolving {
  readonly id: string;
  readonly status: ResolvedStatus;
  readonly value: Json;
  readonly actor: Actor;
  /** Whether its time must be still to come, or have come, by the database's clock. */
  readonly when: "before_due" | "once_due" | "any";
}

export interface WaitpointFilter {
  readonly status?: WaitpointStatus;
  readonly kind?: WaitpointKind;
  readonly ownerId?: string;
  readonly threadId?: string;
}

export interface WaitpointQueries {
  /** With its event. Null: this call of this owner has one already, which stays as it is. */
  insert(scope: Scope, waitpoint: NewWaitpoint): Promise<WaitpointRow | null>;
  /**
   * Lets a call wait for a token that was made before, for so many milliseconds at most if they are given. Null: not
   * there, or somebody waits for it already.
   */
  attach(
    scope: Scope,
    waitpointId: string,
    to: { call: WaitingCall; threadId: string; withinMs: number | null },
  ): Promise<WaitpointRow | null>;
  find(scope: Scope, waitpointId: string): Promise<WaitpointRow | null>;
  /** For those who come with a link: it names the scope. */
  findByTokenHash(hash: string): Promise<WaitpointRow | null>;
  /** Everything an owner waits or waited for, oldest first. */
  listOf(ownerId: string): Promise<readonly WaitpointRow[]>;
  list(scope: Scope, filter: WaitpointFilter, page: PageRequest): Promise<readonly WaitpointRow[]>;
  /** Open ones that belong to a thread, oldest first. */
  listOpenOfThread(scope: Scope, threadId: string): Promise<readonly WaitpointRow[]>;
  /** Open ones that wait for the end of a BGO. */
  listOpenByTarget(bgoId: string): Promise<readonly WaitpointRow[]>;
  /** Open ones whose time has come, earliest first, without lock. */
  listDue(limit: number): Promise<readonly WaitpointRow[]>;
  /** Holds the owner until the transaction ends: its waits are resolved one after the other. False: it is not waiting. */
  lockOwner(owner: Pick<WaitingCall, "ownerKind" | "ownerId">): Promise<boolean>;
  /**
   * The one conditional update: the first one wins. Event and audit commit with it. Null: it was resolved before, or
   * is not due as asked.
   */
  resolve(resolving: WaitpointResolving): Promise<WaitpointRow | null>;
  countOpen(ownerId: string): Promise<number>;
}

export interface AuditQueries {
  append(scope: Scope, entry: NewAuditEntry): Promise<void>;
  list(scope: Scope, targetId: string, limit: number): Promise<readonly AuditEntry[]>;
}

export interface Environment extends Scope {
  readonly orgSlug: string;
  readonly projectSlug: string;
  readonly envSlug: string;
}

export interface EnvironmentSlugs {
  readonly org: string;
  readonly project: string;
  readonly env: string;
}

/** A key as it is known once it was made: never the key itself. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
  /** To the minute. */
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

/** Environments and the secrets that open them. Secrets come and go as SHA-256 hex, never in clear. */
export interface AccessQueries {
  findEnvironment(slugs: EnvironmentSlugs): Promise<Environment | null>;
  /** Makes what is missing of organisation, project and environment; the ids are used for what is made. */
  ensureEnvironment(slugs: EnvironmentSlugs, ids: Scope): Promise<Environment>;
  insertKey(scope: Scope, key: { id: string; name: string; hash: string }): Promise<void>;
  hasKey(scope: Scope): Promise<boolean>;
  /** Newest first. */
  listKeys(scope: Scope): Promise<readonly ApiKey[]>;
  /** Null when there is none in this environment. */
  lockKey(scope: Scope, keyId: string): Promise<ApiKey | null>;
  revokeKey(scope: Scope, keyId: string): Promise<void>;
  /** Null when unknown or revoked. Notes the use, at most once a minute. */
  findKey(hash: string): Promise<{ keyId: string; environment: Environment } | null>;
  insertLoginToken(scope: Scope, token: { hash: string; lifeSeconds: number }): Promise<void>;
  /** Uses the token up. Null when unknown, used or expired. */
  consumeLoginToken(hash: string): Promise<Environment | null>;
  insertSession(scope: Scope, session: { hash: string; lifeSeconds: number }): Promise<void>;
  findSession(hash: string): Promise<Environment | null>;
  deleteSession(hash: string): Promise<void>;
}
