import { parseArgs } from "node:util";

export interface BenchArguments {
  /** Benchmarks to run; empty: all of them. */
  readonly names: readonly string[];
  readonly quick: boolean;
  readonly out: string | undefined;
  /** How many, for benchmarks of many things; their own numbers when absent. */
  readonly count: number | undefined;
  readonly writeBaseline: boolean;
  /** Folder for CPU profiles and the costliest statements. */
  readonly profileDir: string | undefined;
}

export const usage = `Usage: npm run bench [-- [names…] [--quick] [--count n] [--out file] [--write-baseline] [--profile folder]]`;

export function readArguments(args: readonly string[]): BenchArguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: "boolean", default: false },
      out: { type: "string" },
      count: { type: "string" },
      "write-baseline": { type: "boolean", default: false },
      profile: { type: "string" },
    },
  });
  return {
    names: positionals,
    quick: values.quick,
    out: values.out,
    count: values.count === undefined ? undefined : Number(values.count),
    writeBaseline: values["write-baseline"],
    profileDir: values.profile,
  };
}
