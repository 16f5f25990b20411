import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { UsageError } from "./usage-error.ts";

interface Parsing<Options extends ParseArgsOptionsConfig> {
  readonly args: string[];
  readonly options: Options;
  readonly strict: true;
  readonly allowPositionals: true;
}

export type ParsedOptions<Options extends ParseArgsOptionsConfig> = ReturnType<typeof parseArgs<Parsing<Options>>>;

/** Reads a command's arguments. Throws `UsageError` for an option it does not have or a value that is missing. */
export function parseOptions<const Options extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: Options,
): ParsedOptions<Options> {
  try {
    return parseArgs<Parsing<Options>>({ args: [...args], options, strict: true, allowPositionals: true });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // The rest of Node's message tells how to pass arguments that look like options.
    throw new UsageError(error.message.split(/\. (?=To )/u, 1)[0] ?? error.message);
  }
}

/** For commands that take nothing but options. */
export function refusePositionals(positionals: readonly string[]): void {
  if (positionals.length > 0) throw new UsageError(`Unexpected argument: ${positionals.join(" ")}`);
}

/** The one argument of commands that take one. */
export function onlyPositional(positionals: readonly string[], what: string): string {
  const [value, ...rest] = positionals;
  if (value === undefined) throw new UsageError(`Missing argument: ${what}`);
  refusePositionals(rest);
  return value;
}

/** A number above zero, for an option of this name. */
export function positiveNumber(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (Number.isFinite(number) && number > 0) return number;
  throw new UsageError(`--${name} must be a number above 0, not ${value}`);
}
