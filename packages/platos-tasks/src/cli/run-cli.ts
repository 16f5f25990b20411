import { PlatosApiError } from "@platos-tasks/client";
import type { Config } from "../config.ts";
import { PlatosError } from "../core/errors.ts";
import { createPinoLog } from "../system/pino-log.ts";
import { type Command, type CommandContext, exitCodes } from "./command.ts";
import { answerCommand } from "./commands/answer.ts";
import { cancelCommand } from "./commands/cancel.ts";
import { chatCommand } from "./commands/chat.ts";
import { devCommand } from "./commands/dev.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { keysCommand } from "./commands/keys.ts";
import { listCommand } from "./commands/list.ts";
import { migrateCommand } from "./commands/migrate.ts";
import { notBuiltCommands } from "./commands/not-built.ts";
import { openCommand } from "./commands/open.ts";
import { scheduleCommand } from "./commands/schedule.ts";
import { serverCommand } from "./commands/server.ts";
import { showCommand } from "./commands/show.ts";
import { spawnCommand } from "./commands/spawn.ts";
import { waitsCommand } from "./commands/waits.ts";
import { workerCommand } from "./commands/worker.ts";
import { unexpectedErrorMessage } from "./unexpected-error.ts";
import { UsageError } from "./usage-error.ts";

const commands: readonly Command[] = [
  devCommand,
  serverCommand,
  workerCommand,
  openCommand,
  migrateCommand,
  doctorCommand,
  chatCommand,
  spawnCommand,
  listCommand,
  showCommand,
  cancelCommand,
  scheduleCommand,
  waitsCommand,
  answerCommand,
  keysCommand,
  ...notBuiltCommands,
];

const isHelp = (word: string): boolean => word === "--help" || word === "-h";

/** Runs one command line and gives the exit code; never throws. */
export async function runCli(args: readonly string[], context: CommandContext): Promise<number> {
  const { terminal } = context;
  const [name, ...rest] = args;
  if (name === undefined) {
    terminal.complain(overview());
    return exitCodes.usage;
  }
  if (isHelp(name) || (name === "help" && rest.length === 0)) {
    terminal.print(overview());
    return exitCodes.ok;
  }
  const wanted = name === "help" ? rest[0] : name;
  const command = commands.find((each) => each.name === wanted);
  if (command === undefined) {
    terminal.complain(unknownCommand(wanted ?? ""));
    return exitCodes.usage;
  }
  if (name === "help" || optionsOf(rest).some(isHelp)) {
    terminal.print(command.help);
    return exitCodes.ok;
  }
  try {
    return await command.run(rest, context);
  } catch (error) {
    return report(error, command, context);
  }
}

/** What comes after `--` is text. */
function optionsOf(args: readonly string[]): readonly string[] {
  const end = args.indexOf("--");
  return end === -1 ? args : args.slice(0, end);
}

function report(error: unknown, command: Command, { terminal, readConfig }: CommandContext): number {
  if (error instanceof UsageError) {
    terminal.complain(`${error.message}\nSee: platos ${command.name} --help`);
    return exitCodes.usage;
  }
  const isOurs = PlatosError.is(error) || error instanceof PlatosApiError;
  terminal.complain(isOurs ? error.message : unexpectedErrorMessage(error));
  if (!isOurs) logUnexpectedError(error, command, readConfig);
  return exitCodes.failure;
}

function logUnexpectedError(error: unknown, command: Command, readConfig: () => Config): void {
  const log = createPinoLog(readConfig().logLevel);
  const stack = error instanceof Error ? error.stack : undefined;
  log.error("a command failed", { command: command.name, error: stack ?? String(error) });
}

function overview(): string {
  const width = Math.max(...commands.map((command) => command.name.length));
  const lines = commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`);
  return `Usage: platos <command> [options]\n\n${lines.join("\n")}\n\nplatos <command> --help tells more about each.`;
}

function unknownCommand(name: string): string {
  const near = commands.filter((command) => isNear(command.name, name)).map((command) => command.name);
  const guess = near.length === 0 ? "" : ` Did you mean ${near.join(" or ")}?`;
  return `There is no command "${name}".${guess}\nplatos --help lists them all.`;
}

/** The same beginning, or the same letters but for one. */
function isNear(command: string, typed: string): boolean {
  if (typed.length >= 2 && (command.startsWith(typed) || typed.startsWith(command))) return true;
  if (Math.abs(command.length - typed.length) > 1 || typed.length < 3) return false;
  const rest = command.split("");
  for (const letter of typed) {
    const place = rest.indexOf(letter);
    if (place !== -1) rest.splice(place, 1);
  }
  return rest.length <= 1;
}
