import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { watch } from "../../harness/until.ts";
import type { PlatosHome } from "../platos-home.ts";
import { expectWhole, judgeRefusal, type Trouble, type TroubleScene } from "../trouble.ts";

const megabytes = { enough: 256, small: 160 } as const;
/** From too little for initdb to too little, or just enough, for what the product itself puts there. */
const scantMegabytes = { from: 16, to: 64 } as const;
const clear = [/no space left|disk of .* is full/iu, /make room/iu];
const fullMs = 20_000;
const pieceBytes = 1024 * 1024;
/** Prompts that use up what room there is in files that are open. */
const fill = 30_000;

/** No room for a first start: it says so, and works when there is some. */
export const firstBootOnFullDisk: Trouble = {
  figure: "firstBootsOnFullDisk",
  needsRoot: true,
  async run(scene) {
    const household = await scene.newHousehold();
    const { home } = household;
    const scant = Math.round(scene.random.between(scantMegabytes.from, scantMegabytes.to));
    if (!(await home.mountDisk(scant))) return scene.tally.count("fullDisksLeftOut");
    await startOnFullDisk(scene, home);
    await home.resizeDisk(megabytes.enough);
    await expectWhole(scene, household);
  },
};

/** The disk fills up under load, the product is killed or stopped, and started on the full disk, and then with room. */
export const diskFullUnderLoad: Trouble = {
  figure: "disksFullUnderLoad",
  needsRoot: true,
  async run(scene) {
    const { home } = await scene.newHousehold();
    if (!(await home.mountDisk(megabytes.small))) return scene.tally.count("fullDisksLeftOut");
    const household = await scene.moveIn(home);
    const { clients } = household;
    const platos = home.start();
    await platos.untilReady();
    const filler = join(home.dir, "filler");
    await fillUp(filler);
    const over = new AbortController();
    const load = loadWith(clients, over.signal);
    try {
      const isFull = await untilRefused(home);
      scene.tally.count(isFull ? "spawnsRefusedByFullDisk" : "fullDisksNotNoticed");
      const ending = scene.random.pick(["kill", "stop", "stay"]);
      if (ending === "kill") await platos.kill();
      if (ending === "stop") await platos.stop();
      if (ending !== "stay") await startOnFullDisk(scene, home);
      if (!platos.isAlive && ending === "stay") scene.alarm(`the product ended: ${(await platos.ended).output}`);
      await rm(filler);
      const again = platos.isAlive ? platos : home.start();
      await again.untilReady();
      over.abort();
      await load;
      await expectWhole(scene, household, again);
    } finally {
      clients.giveUp();
      over.abort();
      await load;
    }
  },
};

/** Either it says what to do, or there was just room enough. */
async function startOnFullDisk(scene: TroubleScene, home: PlatosHome): Promise<void> {
  const started = home.start();
  const first = await Promise.race([started.ended, started.untilReady().catch(() => started.ended)]);
  if (typeof first !== "number") {
    judgeRefusal(scene, first, clear);
    return scene.tally.count("startsRefusedByFullDisk");
  }
  scene.tally.count("startsOnFullDisk");
  await started.kill();
}

async function loadWith(
  clients: { spawn(of: { readonly fill: number }): Promise<unknown> },
  signal: AbortSignal,
): Promise<void> {
  const one = async (): Promise<void> => {
    while (!signal.aborted) await clients.spawn({ fill });
  };
  await Promise.all([one(), one()]);
}

/** True once the API has refused a request for want of the database; false if it never does. */
function untilRefused({ api }: PlatosHome): Promise<boolean> {
  return watch(() => (api.statuses.get(503) ?? 0) > 0, Boolean, { withinMs: fullMs, everyMs: 20 });
}

async function fillUp(path: string): Promise<void> {
  const file = await open(path, "w");
  try {
    for (let size = pieceBytes; size >= 4096;) {
      const { bytesWritten } = await file.write(Buffer.alloc(size)).catch(() => ({ bytesWritten: 0 }));
      if (bytesWritten < size) size = Math.floor(size / 2);
    }
  } finally {
    await file.close();
  }
}
