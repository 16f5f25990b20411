import { setTimeout as delay } from "node:timers/promises";
import type { PlatosProcess } from "../platos-process.ts";
import { expectWhole, judgeRefusal, type Trouble } from "../trouble.ts";

/** Two on one folder: whichever comes second is refused at once, told who has it and what to do. */
export const secondProcess: Trouble = {
  figure: "secondProcesses",
  async run(scene) {
    const household = await scene.livedIn();
    const { home } = household;
    const first = home.start();
    // Sometimes both are starting at the same time, and either may win.
    if (scene.random.chance(0.5)) await first.untilReady();
    else await delay(scene.random.between(0, 300));
    const second = home.start({ PORT: "0" });
    const decided = await whoWon(first, second);
    if (decided === null) {
      scene.alarm("two processes run the same database");
      await Promise.all([first.kill(), second.kill()]);
      return;
    }
    const [winner, loser] = decided;
    const end = await loser.ended;
    scene.tally.took("refusal", end.tookMs);
    judgeRefusal(scene, end, [new RegExp(`run by process ${winner.pid}\\b`, "u"), /platos worker/u, /PLATOS_HOME/u]);
    if (winner === first) return expectWhole(scene, household, first);
    await winner.untilReady();
    await winner.stop();
    await expectWhole(scene, household);
  },
};

/** The one that goes on and the one that ended; null when both are ready. */
async function whoWon(
  first: PlatosProcess,
  second: PlatosProcess,
): Promise<readonly [PlatosProcess, PlatosProcess] | null> {
  const both = Promise.all([first.untilReady(), second.untilReady()]);
  const loser = await Promise.race([
    first.ended.then(() => first),
    second.ended.then(() => second),
    // Whichever ends is not ready: then the others have it.
    both.then(
      () => null,
      () => new Promise<null>(() => undefined),
    ),
  ]);
  if (loser === null) return null;
  return loser === first ? [second, first] : [first, second];
}
