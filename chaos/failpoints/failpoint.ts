/**
 * Where in a call something goes wrong. `before`: nothing of it has happened; of a transaction, everything but its
 * commit. `during`: it is on its way. `after`: it has happened and its caller does not know yet. `on_acknowledgement`:
 * it has happened and its caller is told that the connection was lost.
 */
export type Moment = "before" | "during" | "after" | "on_acknowledgement";

/**
 * `kill`, `stop`: the own process gets SIGKILL or SIGSTOP. `hold`: this call alone waits until the harness lets it go
 * on, while the process lives. `throw`: it fails and nothing happened. `lose`: it fails although it happened.
 */
export type FailpointAction = "kill" | "stop" | "hold" | "throw" | "lose";

/** What kind of call a point is; it decides what can go wrong there. */
export type PointKind =
  /** A named transaction of the store. */
  | "transaction"
  /** A single statement that commits by itself. */
  | "statement"
  /** A statement within a transaction: whatever happens there ends as a rollback. */
  | "inner"
  | "engine"
  /** A call of the engine within a transaction: its answer may come behind the commit, so it cannot be lost alone. */
  | "engine_in_transaction"
  | "model"
  /** A piece of a streamed answer, which is handed over without waiting. */
  | "text"
  | "tool";

/** A call of the ports that a workload made, by its name (`deliver`, `journal.recordForBgo`, `tool.look`). */
export interface Point {
  readonly name: string;
  readonly kind: PointKind;
}

/** One fault: what is done at one moment of the n-th call (from 1) of a name. */
export interface Failpoint {
  readonly name: string;
  readonly hit: number;
  readonly moment: Moment;
  readonly action: FailpointAction;
}

export interface Fault {
  readonly moment: Moment;
  readonly action: FailpointAction;
}

function faults(moment: Moment, ...actions: readonly FailpointAction[]): Fault[] {
  return actions.map((action) => ({ moment, action }));
}

const everything: readonly Fault[] = [
  ...faults("before", "kill", "stop", "hold", "throw"),
  ...faults("during", "kill", "stop"),
  ...faults("after", "kill", "stop", "hold"),
  ...faults("on_acknowledgement", "lose"),
];

/** Everything that can go wrong at a call, by its kind. The sweep tries all of it. */
export const faultsOf: Readonly<Record<PointKind, readonly Fault[]>> = {
  transaction: everything,
  statement: everything,
  engine: everything,
  model: everything,
  tool: everything,
  engine_in_transaction: [
    ...faults("before", "kill", "stop", "throw"),
    ...faults("during", "kill", "stop"),
    ...faults("after", "kill", "stop"),
  ],
  inner: faults("before", "kill"),
  text: faults("before", "kill", "stop"),
};

/** `deliver.before#1=kill`: for reports, and to repeat one trial. */
export function failpointText({ name, moment, hit, action }: Failpoint): string {
  return `${name}.${moment}#${hit}=${action}`;
}

const pattern = /^(.+)\.(before|during|after|on_acknowledgement)#(\d+)=(kill|stop|hold|throw|lose)$/u;

export function parseFailpoint(text: string): Failpoint {
  const [, name, moment, hit, action] = pattern.exec(text) ?? [];
  if (name === undefined) throw new Error(`"${text}" is no failpoint. Write it like deliver.before#1=kill.`);
  return { name, moment: moment as Moment, hit: Number(hit), action: action as FailpointAction };
}
