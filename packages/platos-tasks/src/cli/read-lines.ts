import { createInterface } from "node:readline";

export interface LineSource {
  readonly input: NodeJS.ReadableStream;
  /** Where a person sees what they type; absent when nobody types. */
  readonly echo?: NodeJS.WritableStream;
  /** Shown before each line, when somebody types. */
  readonly prompt: string;
}

/** Lines of an input until it ends; those that come while the one before is being dealt with wait their turn. */
export async function* readLines({ input, echo, prompt }: LineSource): AsyncGenerator<string> {
  const lines = createInterface({ input, ...(echo === undefined ? {} : { output: echo, prompt }) });
  let isOpen = true;
  lines.once("close", () => {
    isOpen = false;
  });
  // In a terminal it is readline that gets the Ctrl-C.
  lines.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
  const ask = (): void => {
    if (echo !== undefined && isOpen) lines.prompt();
  };
  try {
    ask();
    for await (const line of lines) {
      yield line;
      ask();
    }
  } finally {
    lines.close();
  }
}
