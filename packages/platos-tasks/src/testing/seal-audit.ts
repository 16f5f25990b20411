import { Housekeeping } from "../store/housekeeping.ts";
import type { Database } from "../store/database.ts";
import { eventually } from "./test-runtime.ts";

/**
 * Seals the whole audit log of a test's database. Transactions of other databases on the server hold the sealer back,
 * so it may have to come again.
 */
export async function sealAudit(database: Database): Promise<void> {
  await eventually("the audit to be sealed", async () => {
    await new Housekeeping(database).run();
    const { rows } = await database.query("select id from platos.audit_entries where seq is null limit 1");
    return rows.length === 0;
  });
}
