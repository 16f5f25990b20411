import { useLayoutEffect, useRef, useState } from "react";

const lingerMs = 2_000;
const none: ReadonlySet<string> = new Set();

/** Ids that left `ids` within the last two seconds. Another list (`list` is another object) starts anew. */
export function useLingering(ids: readonly string[], list: object): ReadonlySet<string> {
  const [lingering, setLingering] = useState(none);
  const last = useRef({ ids, list });
  useLayoutEffect(() => {
    const previous = last.current;
    last.current = { ids, list };
    if (previous.list !== list) {
      setLingering(none);
      return;
    }
    const present = new Set(ids);
    const gone = previous.ids.filter((id) => !present.has(id));
    if (gone.length === 0) return;
    setLingering((current) => new Set([...current, ...gone]));
    setTimeout(() => setLingering((current) => without(current, gone)), lingerMs);
  }, [ids, list]);
  return lingering;
}

function without(ids: ReadonlySet<string>, gone: readonly string[]): ReadonlySet<string> {
  const left = new Set(ids);
  for (const id of gone) left.delete(id);
  return left.size === 0 ? none : left;
}
