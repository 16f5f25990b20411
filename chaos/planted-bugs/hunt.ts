import type { ExerciseOptions } from "../exercise.ts";
import { type Finding, look } from "./detector.ts";
import type { PlantedBug } from "./planted-bug.ts";
import type { TreeCopy } from "./tree-copy.ts";

export interface Catch {
  readonly bug: PlantedBug;
  /** The exercise that noticed it; null when none did. */
  readonly by: string | null;
  readonly alarm: string;
  readonly seconds: number;
}

export interface HuntOptions extends Pick<ExerciseOptions, "seed" | "closing" | "progress"> {
  readonly withinMs: number;
}

/** Plants one bug in the copy, lets its detectors look until one raises an alarm, and takes it out again. */
export async function hunt(copy: TreeCopy, bug: PlantedBug, options: HuntOptions): Promise<Catch> {
  const { seed, withinMs, closing, progress } = options;
  const beganMs = performance.now();
  const passedMs = (): number => performance.now() - beganMs;
  const end = (by: string | null, alarm: string): Catch => ({ bug, by, alarm, seconds: Math.round(passedMs() / 1000) });
  await copy.apply(bug.patchFile);
  try {
    for (let round = 0; bug.detectors.length > 0 && passedMs() < withinMs; round += 1) {
      for (const name of bug.detectors) {
        const leftMs = withinMs - passedMs();
        if (leftMs <= 0) break;
        const at = { folder: copy.folder, seed: seed + round, withinMs: leftMs, closing };
        const finding: Finding = await look(name, at);
        progress(`${bug.name}: ${name} ${finding.kind}${finding.kind === "alarm" ? `: ${finding.alarm}` : ""}`);
        if (finding.kind === "alarm") return end(name, finding.alarm);
      }
    }
    return end(null, "");
  } finally {
    await copy.revert(bug.patchFile);
  }
}
