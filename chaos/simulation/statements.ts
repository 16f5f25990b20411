import type { SimulatedTransaction } from "./simulated-database.ts";

/** Runs one statement of the store: after a scheduling point, in the transaction it belongs to. */
export type Statement = <Result>(
  name: string,
  args: readonly unknown[],
  run: (tx: SimulatedTransaction) => Result | Promise<Result>,
) => Promise<Result>;

/** What every statement can see beside the rows. */
export interface StatementContext {
  readonly statement: Statement;
  readonly nowMs: () => number;
}

/** A port of which only a part is simulated: whoever uses the rest is told so at once. */
export function onlySupported<Port extends object>(part: Partial<Port>): Port {
  return new Proxy(part, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      if (member !== undefined) return member;
      return () => {
        throw new Error(`The simulated store has no ${String(name)}.`);
      };
    },
  }) as Port;
}
