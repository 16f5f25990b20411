import { requirements } from "./requirements.ts";

const known: ReadonlySet<string> = new Set(requirements.map((requirement) => requirement.id));

/**
 * Called in a test to say which promises it holds, by the ids of `requirements.ts`.
 * Throws for an id that is not in the list. That each built promise is cited is checked by `coverage.test.ts`.
 */
export function verifies(...ids: string[]): void {
  const unknown = ids.filter((id) => !known.has(id));
  if (unknown.length > 0) throw new Error(`Not in spec/requirements.ts: ${unknown.join(", ")}.`);
}
