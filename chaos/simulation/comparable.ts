/** Depends on when it was asked, which differs between a simulated clock and a real one. */
const measured = new Set(["elapsedSeconds"]);

/**
 * What two answers are compared by: members that `like`, the real answer, has, in its order; whether there is a time
 * and not which one; lists without regard to their order.
 */
export function comparable(value: unknown, like: unknown): unknown {
  if (value instanceof Date) return "a time";
  if (Array.isArray(value)) {
    const models: readonly unknown[] = Array.isArray(like) ? like : [];
    const items = value.map((item: unknown, index) => comparable(item, models[Math.min(index, models.length - 1)]));
    return items.map((item) => JSON.stringify(item)).toSorted();
  }
  if (typeof value !== "object" || value === null) return value;
  if (typeof like !== "object" || like === null) return "an object";
  const names = Object.keys(like)
    .filter((name) => !measured.has(name))
    .toSorted();
  return Object.fromEntries(
    names.map((name) => [name, comparable(Reflect.get(value, name), Reflect.get(like, name) as unknown)]),
  );
}
