import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { readLines } from "./read-lines.ts";

async function read(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const line of lines) {
    all.push(line);
    // As long as a turn of the event loop: by then the input has ended.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return all;
}

test("an input that ends before its lines have been dealt with loses none of them", async () => {
  const input = new PassThrough();
  input.end("one\n\ntwo\nthree");
  expect(await read(readLines({ input, prompt: "> " }))).toEqual(["one", "", "two", "three"]);
});

test("somebody who types is asked before each line, and not after the end", async () => {
  const input = new PassThrough();
  const echo = new PassThrough();
  input.end("one\ntwo\n");
  expect(await read(readLines({ input, echo, prompt: "> " }))).toEqual(["one", "two"]);
  expect(String(echo.read())).toMatch(/^> /u);
});
