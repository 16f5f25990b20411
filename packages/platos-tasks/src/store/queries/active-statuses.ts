import { activeStatuses } from "../../core/lifecycle.ts";

/** `'scheduled', 'queued' …` for `in (…)`: the same words as in the conditions of the partial indexes. */
export const activeStatusList = activeStatuses.map((status) => `'${status}'`).join(", ");
