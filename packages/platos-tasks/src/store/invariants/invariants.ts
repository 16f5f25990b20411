import { answers } from "./answers.ts";
import { auditChain } from "./audit-chain.ts";
import { caps } from "./caps.ts";
import { deliveredResults } from "./delivered-results.ts";
import { families } from "./families.ts";
import { heldBgos } from "./held-bgos.ts";
import { idempotencyKeys } from "./idempotency-keys.ts";
import type { Invariant } from "./invariant.ts";
import { messageEvents } from "./message-events.ts";
import { modelCallBudget } from "./model-call-budget.ts";
import { openSegments } from "./open-segments.ts";
import { scheduleFires } from "./schedule-fires.ts";
import { scopes } from "./scopes.ts";
import { sharedTransactions } from "./shared-transactions.ts";
import { spawns } from "./spawns.ts";
import { spendingBudget } from "./spending-budget.ts";
import { startTimes } from "./start-times.ts";
import { statusHistory } from "./status-history.ts";
import { stepEpochs } from "./step-epochs.ts";
import { stepNumbers } from "./step-numbers.ts";
import { terminalMessages } from "./terminal-messages.ts";
import { threadSequence } from "./thread-sequence.ts";
import { toolResults } from "./tool-results.ts";
import { uniqueIndexes } from "./unique-indexes.ts";
import { waitpoints } from "./waitpoints.ts";
import { wakeReasons } from "./wake-reasons.ts";

/** Every invariant that a look at the database can decide, at any moment. */
export const invariants: readonly Invariant[] = [
  uniqueIndexes,
  spawns,
  statusHistory,
  terminalMessages,
  sharedTransactions,
  idempotencyKeys,
  wakeReasons,
  waitpoints,
  openSegments,
  families,
  stepEpochs,
  stepNumbers,
  toolResults,
  deliveredResults,
  answers,
  startTimes,
  scheduleFires,
  heldBgos,
  caps,
  modelCallBudget,
  spendingBudget,
  scopes,
  auditChain,
  threadSequence,
  messageEvents,
];
