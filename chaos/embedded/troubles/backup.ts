import { rm } from "node:fs/promises";
import { expectWhole, type Trouble } from "../trouble.ts";

const jobs = 6;

/** The stopped folder, copied in the middle of work, put back where there is nothing any more. */
export const backupRestored: Trouble = {
  figure: "backupsRestored",
  async run(scene) {
    const { home, clients } = await scene.livedIn();
    const platos = home.start();
    await platos.untilReady();
    for (let count = 0; count < jobs; count += 1) await clients.spawn();
    const end = await platos.stop();
    if (end.code !== 0) scene.alarm(`the product stopped with code ${end.code}: ${end.output}`);
    const backup = await scene.newHousehold();
    await home.copyTo(backup.home);
    // Work that is done after the backup is lost with the folder, and nobody is promised anything else.
    await rm(home.postgresDir, { recursive: true });
    await backup.home.copyTo(home);
    await expectWhole(scene, { home, clients });
  },
};
