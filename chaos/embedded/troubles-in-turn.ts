import { Random } from "../harness/random.ts";
import { KeyedClients } from "./keyed-clients.ts";
import type { LivedInHome } from "./lived-in-home.ts";
import { PlatosHome } from "./platos-home.ts";
import type { Tally } from "./tally.ts";
import { unexpected } from "../harness/figures.ts";
import type { Trouble, TroubleScene } from "./trouble.ts";
import { backupRestored } from "./troubles/backup.ts";
import { firstBootKilled } from "./troubles/first-boot-killed.ts";
import { diskFullUnderLoad, firstBootOnFullDisk } from "./troubles/full-disk.ts";
import { noAccount } from "./troubles/no-account.ts";
import { databasePortTaken, serverPortTaken } from "./troubles/port-taken.ts";
import { secondProcess } from "./troubles/second-process.ts";
import { noteOfABystander, noteOfTheDead } from "./troubles/stale-note.ts";

/** Each in its turn; what exactly happens in one is drawn. A first boot can be killed at many moments. */
const troubles: readonly Trouble[] = [
  firstBootKilled,
  secondProcess,
  noteOfTheDead,
  firstBootKilled,
  noteOfABystander,
  databasePortTaken,
  firstBootKilled,
  diskFullUnderLoad,
  backupRestored,
  firstBootKilled,
  noAccount,
  serverPortTaken,
  firstBootOnFullDisk,
];

const mostAlarms = 20;

export interface TroublesOptions {
  readonly seed: number;
  readonly trials: number;
  readonly livedIn: LivedInHome;
  /** What every home's processes are given. */
  readonly env: Readonly<Record<string, string>>;
  readonly tally: Tally;
  /** Takes what must be taken away even when we are told to stop. */
  readonly closing: AsyncDisposableStack;
}

/** Plays the troubles one after the other, each on homes of its own. */
export class TroublesInTurn {
  readonly #options: TroublesOptions;
  #played = 0;

  constructor(options: TroublesOptions) {
    this.#options = options;
  }

  get played(): number {
    return this.#played;
  }

  async run(): Promise<void> {
    const { trials, tally } = this.#options;
    const isRoot = process.geteuid?.() === 0;
    for (let index = 0; index < trials && tally.alarms.length < mostAlarms; index += 1) {
      const trouble = troubles[index % troubles.length] ?? firstBootKilled;
      if (trouble.needsRoot === true && !isRoot) tally.count("leftOutWithoutRoot");
      else await this.#play(trouble, index);
      this.#played += 1;
    }
  }

  async #play(trouble: Trouble, index: number): Promise<void> {
    const { seed, livedIn, env, tally, closing } = this.#options;
    const homes: PlatosHome[] = [];
    const random = Random.of(seed, "trouble", index);
    const alarm = (sentence: string): void => tally.alarm(`trouble ${index} (${trouble.figure}): ${sentence}`);
    const newHome = async (): Promise<PlatosHome> => {
      const home = await PlatosHome.make(env, closing);
      homes.push(home);
      return home;
    };
    const scene: TroubleScene = {
      random,
      tally,
      alarm,
      databasePort: livedIn.databasePort,
      async newHousehold() {
        const home = await newHome();
        return { home, clients: new KeyedClients(home.api, random) };
      },
      livedIn: async () => livedIn.moveInto(await newHome(), random),
      moveIn: (home) => livedIn.moveInto(home, random),
      noteOf: (home, pid) => livedIn.noteOf(home, pid),
    };
    try {
      tally.count(trouble.figure);
      await trouble.run(scene);
    } catch (error) {
      alarm(unexpected(error));
    } finally {
      for (const home of homes) await home.remove();
    }
  }
}
