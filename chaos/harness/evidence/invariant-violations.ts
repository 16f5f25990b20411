import type { Executor } from "../../../packages/platos-tasks/src/store/database.ts";
import { invariants } from "../../../packages/platos-tasks/src/store/invariants/invariants.ts";

/** What every invariant says of the whole database, one sentence per violation. */
export async function invariantViolations(database: Executor): Promise<string[]> {
  const found: string[] = [];
  for (const invariant of invariants) {
    const violations = await invariant.violations(database);
    found.push(...violations.map((violation) => `${invariant.id}: ${violation}`));
  }
  return found;
}
