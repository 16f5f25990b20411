import { defaultMaxTurns } from "../../core/budget.ts";
import { type Invariant, queryInvariant } from "./invariant.ts";

export const modelCallBudget: Invariant = queryInvariant({
  id: "I12",
  sentence: "No BGO has made more model calls than its budget allows.",
  text: `
    select format('%s has made %s model calls and may make %s', id, model_calls, allowed) as violation
    from (
      select id, model_calls, coalesce((budget ->> 'maxTurns')::numeric, ${defaultMaxTurns}) as allowed
      from platos.platos_tasks
    ) counted
    where model_calls > allowed`,
});
