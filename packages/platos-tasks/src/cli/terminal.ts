import { readLines } from "./read-lines.ts";

/** Where a command speaks to: the process' own streams, or a test. */
export interface Terminal {
  /** Standard output as it is: what a command was asked for. */
  write(text: string): void;
  /** One line on standard output. */
  print(line: string): void;
  /** One line on standard error: mistakes and warnings. */
  complain(line: string): void;
  /** A person sits at both ends. */
  readonly isInteractive: boolean;
  /** Lines of standard input until it ends; `prompt` is shown before each when a person types. */
  readLines(prompt: string): AsyncIterable<string>;
}

export function processTerminal(): Terminal {
  const { stdin, stdout, stderr } = process;
  // A reader that has gone (`| head`, a closed window) must not take a server down with it.
  for (const stream of [stdout, stderr]) stream.on("error", () => undefined);
  const isInteractive = stdin.isTTY && stdout.isTTY;
  return {
    write: (text) => void stdout.write(withoutControls(text)),
    print: (line) => void stdout.write(`${withoutControls(line)}\n`),
    complain: (line) => void stderr.write(`${withoutControls(line)}\n`),
    isInteractive,
    readLines: (prompt) => readLines({ input: stdin, prompt, ...(isInteractive ? { echo: stdout } : {}) }),
  };
}

/**
 * Text of models and users is printed as text: control characters, which could drive the terminal (colours, titles,
 * the clipboard), are left out. Line feeds and tabs stay.
 */
export function withoutControls(text: string): string {
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/gu, "");
}
