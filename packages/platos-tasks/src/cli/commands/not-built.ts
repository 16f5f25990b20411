import { type Command, exitCodes } from "../command.ts";

/** Words that will mean something: said plainly, rather than left unknown. */
export const notBuiltCommands: readonly Command[] = [
  notBuilt("replay", "Run an ended BGO again as a new one", "Spawn it again: platos show <bgoId>, then platos spawn."),
  notBuilt("batch", "Run one prompt over many items", "Until then, spawn one BGO per item: platos spawn."),
];

function notBuilt(name: string, what: string, instead: string): Command {
  const message = `platos ${name} is not built yet. ${instead}`;
  return {
    name,
    summary: `${what} (not built yet)`,
    help: message,
    async run(_args, { terminal }) {
      terminal.complain(message);
      return exitCodes.failure;
    },
  };
}
