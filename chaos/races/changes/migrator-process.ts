// A process that has loaded its code, waits until it is told to, and brings a database up to date.
import { once } from "node:events";
import { silentLog } from "../../../packages/platos-tasks/src/core/ports/log.ts";
import { Database } from "../../../packages/platos-tasks/src/store/database.ts";
import { migrate } from "../../../packages/platos-tasks/src/store/migrate.ts";

const database = new Database({ connectionString: process.argv[2] ?? "", poolSize: 1, log: silentLog });
// Whoever started us is gone: nobody would ever end us.
process.once("disconnect", () => process.exit(1));
// So that what is killed is the migration, not the way to it.
await database.query("select 1");
process.send?.("ready");
await once(process, "message");
const applied = await migrate(database);
process.send?.(applied, () => process.exit(0));
