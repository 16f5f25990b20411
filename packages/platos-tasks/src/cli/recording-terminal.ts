import { type Terminal, withoutControls } from "./terminal.ts";

export interface RecordingTerminal extends Terminal {
  /** Standard output so far. */
  readonly out: string;
  /** Standard error so far. */
  readonly err: string;
}

/** Keeps what a command says, for tests. `input` is what is typed, line by line. */
export function recordingTerminal(input: readonly string[] = []): RecordingTerminal {
  let out = "";
  let err = "";
  return {
    get out() {
      return out;
    },
    get err() {
      return err;
    },
    write(text) {
      out += withoutControls(text);
    },
    print(line) {
      out += `${withoutControls(line)}\n`;
    },
    complain(line) {
      err += `${withoutControls(line)}\n`;
    },
    isInteractive: false,
    async *readLines() {
      yield* input;
    },
  };
}
