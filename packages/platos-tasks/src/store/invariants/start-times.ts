import { type Invariant, queryInvariant } from "./invariant.ts";

export const startTimes: Invariant = queryInvariant({
  id: "I11",
  sentence: "No BGO has begun before the time for which it was scheduled.",
  text: `
    select format('%s was to begin at %s and began at %s', id, run_at, started_at) as violation
    from platos.platos_tasks where started_at < run_at`,
});
