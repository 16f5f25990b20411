import { type Invariant, queryInvariant } from "./invariant.ts";

export const threadSequence: Invariant = queryInvariant({
  id: "I16",
  sentence: "The messages of a thread are numbered from 1 without a gap up to its last; a deleted thread has none.",
  text: `
    with written as (
      select thread_id, count(*) as messages, count(distinct seq) as numbers, min(seq) as first, max(seq) as last
      from platos.messages group by thread_id
    )
    select case
      when t.deleted_at is not null then format('%s was deleted and has %s messages', t.id, w.messages)
      else format('%s has %s messages, numbered %s to %s, and its last is %s',
        t.id, coalesce(w.messages, 0), coalesce(w.first, 0), coalesce(w.last, 0), t.last_seq)
    end as violation
    from platos.threads t left join written w on w.thread_id = t.id
    where case
      when t.deleted_at is not null then w.messages > 0
      when w.messages is null then t.last_seq <> 0
      else w.first <> 1 or w.last <> t.last_seq or w.messages <> t.last_seq or w.numbers <> w.messages
    end`,
});
