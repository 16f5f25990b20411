import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readCredentials } from "../../packages/platos-tasks/src/store/embedded-postgres/credentials.ts";
import { Random } from "../harness/random.ts";
import { checkHome } from "./check-home.ts";
import { KeyedClients } from "./keyed-clients.ts";
import type { PlatosHome } from "./platos-home.ts";
import type { Household } from "./trouble.ts";

const jobs = 5;

/** A stopped home in which some BGOs have ended, to be copied: a first start takes longer than a copy. */
export class LivedInHome {
  readonly databasePort: number;
  readonly #household: Household;
  readonly #note: string;

  static async make(home: PlatosHome, seed: number): Promise<LivedInHome> {
    const clients = new KeyedClients(home.api, Random.of(seed, "lived in"));
    const platos = home.start();
    await platos.untilReady();
    await clients.open();
    for (let count = 0; count < jobs; count += 1) await clients.spawn();
    const { violations } = await checkHome(home.dir, clients.acknowledged);
    const note = await readFile(join(home.dataDir, "postmaster.pid"), "utf8");
    const { code, output } = await platos.stop();
    if (code !== 0 || violations.length > 0) {
      throw new Error(`A home that nothing was done to is not in order: ${[output, ...violations].join("\n")}`);
    }
    const { port } = await readCredentials(home.dataDir);
    return new LivedInHome({ home, clients }, note, port);
  }

  private constructor(household: Household, note: string, databasePort: number) {
    this.#household = household;
    this.#note = note;
    this.databasePort = databasePort;
  }

  /** Fills an empty home with a copy. */
  async moveInto(home: PlatosHome, random: Random): Promise<Household> {
    await this.#household.home.copyTo(home);
    return { home, clients: this.#household.clients.continuedAt(home.api, random) };
  }

  noteOf(home: PlatosHome, pid: number): string {
    return this.#note.replace(/^\d+/u, String(pid)).replaceAll(this.#household.home.dir, home.dir);
  }
}
