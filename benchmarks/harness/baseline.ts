import { readFile, writeFile } from "node:fs/promises";
import type { Figure } from "./figure.ts";
import type { Machine } from "./machine.ts";

const file = new URL("../baseline.json", import.meta.url);

interface Baseline {
  readonly machine: Machine;
  readonly figures: readonly Figure[];
}

/** The values that are checked in, by name; empty when there are none. */
export async function readBaseline(): Promise<ReadonlyMap<string, number>> {
  const text = await readFile(file, "utf8").catch(() => null);
  if (text === null) return new Map();
  const { figures } = JSON.parse(text) as Baseline;
  return new Map(figures.map((figure) => [figure.name, figure.value]));
}

export async function writeBaseline({ machine, figures }: Baseline): Promise<void> {
  await writeFile(file, `${JSON.stringify({ machine, figures }, null, 2)}\n`);
}
