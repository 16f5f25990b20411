import type { Exercise, ExerciseOptions, ExerciseReport } from "../exercise.ts";
import { startModelStub } from "../harness/outside/model-stub.ts";
import { opened, temporaryFolder } from "../harness/closing.ts";
import { lightScript } from "./keyed-clients.ts";
import { KillsUnderLoad } from "./kills-under-load.ts";
import { LivedInHome } from "./lived-in-home.ts";
import { PlatosHome } from "./platos-home.ts";
import { Tally } from "./tally.ts";
import { unexpected } from "../harness/figures.ts";
import { TroublesInTurn } from "./troubles-in-turn.ts";

const ciTrials = 20;
const releaseTrials = 300;
const progressMs = 10_000;

/** The product as an operator starts it, with the database that comes along, through kills and bad luck. */
export const embeddedDatabase: Exercise = {
  summary: `the embedded database: kills under load, and as many bad starts (trials: ${ciTrials}, for a release ${releaseTrials})`,
  run: exercise,
};

/** One lane kills, the other plays troubles: two cores have room for both. */
async function exercise({ seed, trials = ciTrials, closing, progress }: ExerciseOptions): Promise<ExerciseReport> {
  const beganMs = performance.now();
  const folder = await temporaryFolder(closing, "embedded-cache");
  const model = await opened(closing, () => startModelStub({ script: lightScript(seed) }));
  const env = {
    PLATOS_MODEL: "openai-compatible:stub",
    OPENAI_COMPATIBLE_BASE_URL: model.baseUrl,
    // What was compiled once need not be compiled by each of a hundred processes.
    NODE_COMPILE_CACHE: folder,
  };
  const tally = new Tally();
  const livedIn = await LivedInHome.make(await PlatosHome.make(env, closing), seed);
  const killed = await PlatosHome.make(env, closing);
  const kills = new KillsUnderLoad({ seed, trials, home: killed, tally });
  const troubles = new TroublesInTurn({ seed, trials, livedIn, env, tally, closing });
  const telling = setInterval(() => {
    const { length } = tally.alarms;
    progress(`${kills.played} kills, ${troubles.played} troubles of ${trials} each, ${length} alarms`);
  }, progressMs);
  try {
    await Promise.all(
      [kills, troubles].map((part) => part.run().catch((error: unknown) => tally.alarm(unexpected(error)))),
    );
    await kills.check();
  } catch (error) {
    tally.alarm(unexpected(error));
  } finally {
    clearInterval(telling);
  }
  const seconds = Math.round((performance.now() - beganMs) / 1000);
  return {
    alarms: tally.alarms,
    figures: { kills: kills.played, troubles: troubles.played, ...tally.figures, seconds },
  };
}
