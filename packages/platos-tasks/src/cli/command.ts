import type { Config } from "../config.ts";
import type { Terminal } from "./terminal.ts";

export interface CommandContext {
  readonly terminal: Terminal;
  /** The configuration; throws `input.invalid` that lists every mistake in it. */
  readonly readConfig: () => Config;
}

/** One word after `platos`. */
export interface Command {
  readonly name: string;
  /** One line for the overview. */
  readonly summary: string;
  /** What `--help` prints: usage, options, an example. */
  readonly help: string;
  /** Gives the exit code. A `UsageError` becomes 2, any other error 1. */
  run(args: readonly string[], context: CommandContext): Promise<number>;
}

export const exitCodes = { ok: 0, failure: 1, usage: 2 } as const;
