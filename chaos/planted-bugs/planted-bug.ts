import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A mistake that somebody could make, as a patch of the product that can be applied to a copy of it. */
export interface PlantedBug {
  readonly name: string;
  /** What is wrong then, one sentence. */
  readonly summary: string;
  /** What it should break: an invariant, or a sentence. */
  readonly breaks: string;
  /** Exercises that could notice it, the likeliest first. */
  readonly detectors: readonly string[];
  /** Absolute. */
  readonly patchFile: string;
}

const folder = fileURLToPath(new URL("patches", import.meta.url));

/** All of them, by name. */
export async function readPlantedBugs(): Promise<readonly PlantedBug[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".patch")).toSorted();
  return Promise.all(
    files.map(async (file) => {
      const patchFile = join(folder, file);
      const text = await readFile(patchFile, "utf8");
      return {
        name: file.slice(0, -".patch".length),
        summary: headerOf(text, "Bug", file),
        breaks: headerOf(text, "Breaks", file),
        detectors: headerOf(text, "Try", file).split(" "),
        patchFile,
      };
    }),
  );
}

/** What stands above the diff, where `git apply` does not look. */
function headerOf(text: string, name: string, file: string): string {
  const [, value] = new RegExp(`^${name}: (.+)$`, "mu").exec(text) ?? [];
  if (value === undefined) throw new Error(`${file} has no line that begins with "${name}: ".`);
  return value;
}
