import { setTimeout as delay } from "node:timers/promises";
import { expectWhole, type Trouble } from "../trouble.ts";

const withinMs = 4000;

/** Killed at any moment of its first start, the next one works. */
export const firstBootKilled: Trouble = {
  figure: "firstBootsKilled",
  async run(scene) {
    const household = await scene.newHousehold();
    const platos = household.home.start();
    await delay(scene.random.between(0, withinMs));
    await platos.kill();
    await expectWhole(scene, household);
  },
};
