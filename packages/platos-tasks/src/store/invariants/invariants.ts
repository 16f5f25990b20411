import { auditChain } from "./audit-chain.ts";
import { caps } from "./caps.ts";
import { idempotencyKeys } from "./idempotency-keys.ts";
import type { Invariant } from "./invariant.ts";
import { modelCallBudget } from "./model-call-budget.ts";
import { openSegments } from "./open-segments.ts";
import { scopes } from "./scopes.ts";
import { statusHistory } from "./status-history.ts";
import { stepEpochs } from "./step-epochs.ts";
import { stepNumbers } from "./step-numbers.ts";
import { terminalAudit } from "./terminal-audit.ts";
import { terminalMessages } from "./terminal-messages.ts";
import { threadSequence } from "./thread-sequence.ts";
import { toolResults } from "./tool-results.ts";
import { wakeReasons } from "./wake-reasons.ts";

/** Every invariant that a look at the database can decide. */
export const invariants: readonly Invariant[] = [
  terminalAudit,
  statusHistory,
  terminalMessages,
  idempotencyKeys,
  wakeReasons,
  openSegments,
  stepEpochs,
  stepNumbers,
  toolResults,
  caps,
  modelCallBudget,
  scopes,
  auditChain,
  threadSequence,
];
