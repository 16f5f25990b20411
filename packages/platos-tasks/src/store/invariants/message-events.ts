import { type Invariant, queryInvariant } from "./invariant.ts";

/** Less than retention keeps events for. */
const keptDays = 6;

export const messageEvents: Invariant = queryInvariant({
  id: "I16",
  sentence: `Every message of the last ${keptDays} days has been announced to viewers once.`,
  text: `
    with announced as (
      select message_id, count(*) as events from platos.events where type = 'message.created' group by message_id
    )
    select format('%s was announced %s times', m.id, coalesce(events, 0)) as violation
    from platos.messages m left join announced on message_id = m.id
    where events is distinct from 1 and m.created_at > now() - interval '${keptDays} days'`,
});
