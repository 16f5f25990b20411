import { setTimeout as delay } from "node:timers/promises";
import { opened } from "../harness/closing.ts";
import { stagedRaceExercise, type Trial } from "../harness/race/run-race.ts";
import { CutOff } from "../harness/race/cut-off.ts";
import { type Asking, faultedOperations, type Told } from "./faulted-operations.ts";
import { sqlstateFaults } from "./sqlstate-faults.ts";

const lanes = 4;
const maxTries = 40;
const retryMs = 50;
const faults = Object.entries(sqlstateFaults);

/** F23: what the database can say instead of doing as it was asked ends in success or in a fair "try again". */
export const sqlstates = stagedRaceExercise({
  summary: "statements fail with each class of SQLSTATE, on the wire and for real",
  ciTrials: 100,
  releaseTrials: 2000,
  lanes,
  runtimes: 1,
  mustHappen: [...Object.keys(sqlstateFaults), "toldToAskAgain", "doneAtOnce"],
  async prepare(ground, closing) {
    // A trial need not wait a second for each.
    await ground.database.query("alter system set deadlock_timeout = '50ms'");
    await ground.database.query("select pg_reload_conf()");
    return Promise.all(Array.from({ length: lanes }, () => opened(closing, () => CutOff.open(ground))));
  },
  async run(trial, processes) {
    const { ground, index, lane, random, count, alarm } = trial;
    const process = processes[lane];
    const [name, fault] = faults[index % faults.length] ?? [];
    const operation = faultedOperations[Math.floor(index / faults.length) % faultedOperations.length];
    if (process === undefined || fault === undefined || name === undefined || operation === undefined)
      throw new Error("A lane has no process, or a trial nothing to do.");
    const asking = await operation.prepare(trial, process);
    try {
      const { told, hits } = await fault(asking, { ground, process, random, statements: operation.statements });
      if (hits > 0) {
        count(name, hits);
        count(told === "done" ? "doneAtOnce" : "toldToAskAgain");
      } else {
        count("notHit");
      }
      await untilDone(trial, asking, told);
    } catch (error) {
      const what = error instanceof Error ? error.message : String(error);
      alarm(`F23: under ${name}, ${operation.name}: ${what} (${process.errors.at(-1) ?? "no error was logged"})`);
      return;
    }
    await asking.check();
  },
});

/** As a client does that is told to ask again. */
async function untilDone({ count }: Trial, asking: Asking, first: Told): Promise<void> {
  let told = first;
  for (let tries = 0; told === "again"; tries += 1) {
    if (tries === maxTries) throw new Error(`it was told to ask again ${maxTries} times after the fault was over`);
    await delay(retryMs);
    count("askedAgain");
    told = await asking.ask();
  }
}
