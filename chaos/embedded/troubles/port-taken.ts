import { createServer, type Server } from "node:net";
import { expectRefusal, expectWhole, type Trouble } from "../trouble.ts";

/** Somebody has taken the database's port while it was stopped, or the copy it was made from runs: it moves. */
export const databasePortTaken: Trouble = {
  figure: "databasePortsTaken",
  async run(scene) {
    const household = await scene.livedIn();
    const squatter = await squat(scene.databasePort);
    try {
      await expectWhole(scene, household);
    } finally {
      squatter?.close();
    }
  },
};

/** Somebody has taken the port for people: the product says which one and what to do, and stops its database. */
export const serverPortTaken: Trouble = {
  figure: "serverPortsTaken",
  async run(scene) {
    const household = await scene.livedIn();
    const { home } = household;
    const squatter = await squat(home.port);
    try {
      await expectRefusal(scene, home, home.start(), [new RegExp(`Port ${home.port} is taken`, "u"), /PORT/u]);
    } finally {
      squatter?.close();
    }
    await expectWhole(scene, household);
  },
};

/** Null when somebody else was quicker, which is as good. */
async function squat(port: number): Promise<Server | null> {
  const server = createServer((link) => link.destroy());
  const listening = Promise.withResolvers<boolean>();
  server.once("error", () => listening.resolve(false));
  server.listen(port, "127.0.0.1", () => listening.resolve(true));
  return (await listening.promise) ? server : null;
}
