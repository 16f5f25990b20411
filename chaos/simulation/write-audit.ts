import type { NewAuditEntry } from "../../packages/platos-tasks/src/core/audit.ts";
import type { SimulatedTransaction } from "./simulated-database.ts";

let entries = 0;

/** Adds an entry to the audit; entries stand in the order in which their transactions committed. */
export async function writeAudit(tx: SimulatedTransaction, entry: NewAuditEntry): Promise<void> {
  entries += 1;
  const id = `aud_${entries}`;
  await tx.insert("audit", id, { ...entry, id });
}
