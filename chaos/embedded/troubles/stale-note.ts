import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chown, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PlatosHome } from "../platos-home.ts";
import { expectWhole, type Trouble, type TroubleScene } from "../trouble.ts";

/** The note of a database that was killed; its number is nobody's now. */
export const noteOfTheDead: Trouble = {
  figure: "notesOfTheDead",
  async run(scene) {
    const household = await scene.livedIn();
    const dead = spawn("true", { stdio: "ignore" });
    await once(dead, "exit");
    await leaveNote(scene, household.home, dead.pid ?? 0);
    await expectWhole(scene, household);
  },
};

/** Its number is somebody else's now, of Postgres' own user, and perhaps of one who looks into the folder. */
export const noteOfABystander: Trouble = {
  figure: "notesOfBystanders",
  async run(scene) {
    const household = await scene.livedIn();
    const { home } = household;
    const bystander = await startBystander(scene, home);
    try {
      await leaveNote(scene, home, bystander.pid ?? 0);
      const platos = home.start();
      await platos.untilReady();
      if (bystander.exitCode !== null || bystander.signalCode !== null) scene.alarm("the bystander was ended");
      bystander.kill("SIGKILL");
      await expectWhole(scene, household, platos);
    } finally {
      bystander.kill("SIGKILL");
    }
  },
};

async function startBystander(scene: TroubleScene, home: PlatosHome): Promise<ChildProcess> {
  const { uid, gid } = await stat(home.dataDir);
  // The case in which Postgres itself would refuse.
  const account = process.geteuid?.() === 0 ? { uid, gid } : {};
  const args = scene.random.chance(0.5) ? [] : [join(home.dataDir, "postgresql.conf")];
  const child = spawn("tail", ["-f", ...args], { stdio: ["pipe", "ignore", "ignore"], ...account });
  await once(child, "spawn");
  return child;
}

async function leaveNote(scene: TroubleScene, home: PlatosHome, pid: number): Promise<void> {
  const path = join(home.dataDir, "postmaster.pid");
  const { uid, gid } = await stat(home.dataDir);
  await writeFile(path, scene.noteOf(home, pid), { mode: 0o600 });
  if (process.geteuid?.() === 0) await chown(path, uid, gid);
}
