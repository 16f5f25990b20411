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
    const [winner, loser] = await whoWon(first, second);
    const end = await loser.ended;
    scene.tally.took("refusal", end.tookMs);
    judgeRefusal(scene, end, [new RegExp(`run by process ${winner.pid}\\b`, "u"), /platos worker/u, /PLATOS_HOME/u]);
    if (winner === first) return expectWhole(scene, household, first);
    await winner.untilReady();
    await winner.stop();
    await expectWhole(scene, household);
  },
};

async function whoWon(first: PlatosProcess, second: PlatosProcess): Promise<readonly [PlatosProcess, PlatosProcess]> {
  const loser = await Promise.race([first, second].map(async (each) => (await each.ended, each)));
  return loser === first ? [second, first] : [first, second];
}
