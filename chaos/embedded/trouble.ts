import type { Random } from "../harness/random.ts";
import { checkHome } from "./check-home.ts";
import type { KeyedClients } from "./keyed-clients.ts";
import type { PlatosHome } from "./platos-home.ts";
import { endOf, type PlatosEnd, type PlatosProcess } from "./platos-process.ts";
import { processesNaming } from "./processes-naming.ts";
import type { Tally } from "./tally.ts";

/** A home with the clients that know what was acknowledged there. */
export interface Household {
  readonly home: PlatosHome;
  readonly clients: KeyedClients;
}

/** What one trial is given; everything it makes is taken away after it. */
export interface TroubleScene {
  readonly random: Random;
  readonly tally: Tally;
  readonly alarm: (sentence: string) => void;
  /** A home in which nothing was ever started. */
  newHousehold(): Promise<Household>;
  /** A stopped home in which some BGOs have ended: a cold copy of another. */
  livedIn(): Promise<Household>;
  /** Makes an empty home such a one. */
  moveIn(home: PlatosHome): Promise<Household>;
  /** What a killed database of a lived-in home would have left as its `postmaster.pid`. */
  noteOf(home: PlatosHome, pid: number): string;
  /** The port that the database of a lived-in home was last on. */
  readonly databasePort: number;
}

/** Something that befalls an embedded database, and what must come of it. */
export interface Trouble {
  /** The figure that counts it. */
  readonly figure: string;
  /** It can only be played by root; else it is counted as left out. */
  readonly needsRoot?: boolean;
  run(scene: TroubleScene): Promise<void>;
}

/** I1: what was acknowledged is still there, and the home takes and ends new work. Stops it in order. */
export async function expectWhole(
  scene: TroubleScene,
  { home, clients }: Household,
  running?: PlatosProcess,
): Promise<void> {
  const platos = running ?? home.start();
  scene.tally.took("startAfterTrouble", await platos.untilReady());
  if (clients.isNew) await clients.open();
  await clients.spawn();
  const { violations } = await checkHome(home.dir, clients.acknowledged);
  for (const violation of [...violations, ...home.api.alarms]) scene.alarm(violation);
  const end = await platos.stop();
  if (end.code !== 0) scene.alarm(`the product stopped with ${endOf(end)}: ${end.output}`);
  await expectNothingRuns(scene, home);
}

/** A start that must fail: with exit code 1, words that say each of these, and nothing left running. */
export async function expectRefusal(
  scene: TroubleScene,
  home: PlatosHome,
  platos: PlatosProcess,
  words: readonly RegExp[],
): Promise<PlatosEnd | null> {
  const end = await Promise.race([platos.ended, platos.untilReady().catch(() => platos.ended)]);
  if (typeof end === "number") {
    scene.alarm("a start succeeded that could not");
    await platos.kill();
    return null;
  }
  judgeRefusal(scene, end, words);
  await expectNothingRuns(scene, home);
  return end;
}

export function judgeRefusal(scene: TroubleScene, end: PlatosEnd, words: readonly RegExp[]): void {
  const missing = words.filter((each) => !each.test(end.output));
  if (end.code !== 1)
    scene.alarm(`a start that must be refused ended with ${endOf(end)} after ${Math.round(end.tookMs)} ms`);
  if (missing.length > 0) scene.alarm(`the refusal does not say ${missing.join(" and ")}: ${end.output}`);
  if (/^\s+at .+:\d+:\d+\)?$|unexpected/mu.test(end.output)) scene.alarm(`a refusal nobody foresaw: ${end.output}`);
}

async function expectNothingRuns(scene: TroubleScene, home: PlatosHome): Promise<void> {
  const left = await processesNaming(home.dir);
  if (left.length > 0) scene.alarm(`processes ${left.join(", ")} were left running`);
}
