import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { type CallerAnswer, type CallerGround, type CallerOrder, callersAreReady } from "./caller-orders.ts";
import type { RaceGround } from "../../harness/race/race-ground.ts";

const program = fileURLToPath(new URL("caller-process.ts", import.meta.url));

/** Processes that spawn on order, all at the same moment. */
export class CallerProcesses {
  readonly #children: readonly ChildProcess[];
  readonly #waiting = new Map<string, (answer: CallerAnswer) => void>();
  #orders = 0;

  private constructor(children: readonly ChildProcess[]) {
    this.#children = children;
    for (const [index, child] of children.entries()) {
      child.on("message", (answer: CallerAnswer) => {
        const key = `${index} ${answer.id}`;
        this.#waiting.get(key)?.(answer);
        this.#waiting.delete(key);
      });
    }
  }

  static async start(ground: RaceGround, count: number): Promise<CallerProcesses> {
    const { connectionString } = ground.database;
    const order: CallerGround = { connectionString, scope: ground.tenant.scope, agentId: ground.agent.id };
    const children = Array.from({ length: count }, () => fork(program, [JSON.stringify(order)]));
    await Promise.all(children.map((child) => ready(child)));
    return new CallerProcesses(children);
  }

  /** One order per process, by place; those without callers are left out. */
  ask(orders: readonly Omit<CallerOrder, "id">[]): Promise<readonly CallerAnswer[]> {
    this.#orders += 1;
    const id = this.#orders;
    return Promise.all(
      orders.map(
        (order, index) =>
          new Promise<CallerAnswer>((resolve) => {
            this.#waiting.set(`${index} ${id}`, resolve);
            this.#children[index]?.send({ ...order, id });
          }),
      ),
    );
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#children.map(async (child) => {
        const exited = once(child, "exit");
        child.disconnect();
        await exited;
      }),
    );
  }
}

async function ready(child: ChildProcess): Promise<void> {
  const message = await Promise.race([
    once(child, "message").then(([told]) => String(told)),
    once(child, "exit").then(([code]) => `exit code ${String(code)}`),
  ]);
  if (message !== callersAreReady) throw new Error(`A process of callers did not start: ${message}.`);
}
