import { describe, expect, test } from "vitest";

import { SseParser } from "./sse.ts";
import type { SseBlock } from "./sse.ts";

function parse(...chunks: readonly string[]): SseBlock[] {
  const parser = new SseParser();
  return chunks.flatMap((chunk) => parser.push(chunk));
}

function block(fields: Partial<SseBlock>): SseBlock {
  return { id: null, event: null, data: null, retryMs: null, ...fields };
}

describe("the event stream parser", () => {
  test("reads id, event, data and retry", () => {
    expect(parse('retry: 1000\nid: 7\nevent: bgo.updated\ndata: {"a":1}\n\n')).toEqual([
      block({ id: "7", event: "bgo.updated", data: '{"a":1}', retryMs: 1000 }),
    ]);
  });

  test("gives the same blocks however the text is cut and whatever ends its lines", () => {
    const lines = [
      "\uFEFF: hello",
      "id: 1",
      "data: first",
      "data: second",
      "",
      ": ping",
      "",
      "id: 2",
      "data:x",
      "",
      "",
    ];
    const expected = [block({ id: "1", data: "first\nsecond" }), block({ id: "2", data: "x" })];
    for (const end of ["\n", "\r\n", "\r"]) {
      const text = lines.join(end);
      expect(parse(text)).toEqual(expected);
      expect(parse(...text)).toEqual(expected);
      for (let cut = 0; cut <= text.length; cut += 1) {
        expect(parse(text.slice(0, cut), text.slice(cut))).toEqual(expected);
      }
    }
  });

  test("removes one space after the colon, keeps the rest", () => {
    expect(parse("data:  two\ndata:none\n\n")).toEqual([block({ data: " two\nnone" })]);
  });

  test("takes a field without a colon as empty and skips unknown fields", () => {
    expect(parse("data\nfoo: bar\n\n")).toEqual([block({ data: "" })]);
  });

  test("comments alone make no block, an id alone does", () => {
    expect(parse(": ping\n\n\n")).toEqual([]);
    expect(parse("id: 9\n\n")).toEqual([block({ id: "9" })]);
  });

  test("ignores an id with NUL and a retry that is no number", () => {
    expect(parse("id: a\0b\nretry: soon\ndata: x\n\n")).toEqual([block({ data: "x" })]);
  });

  test("an unfinished block is not given out", () => {
    expect(parse("data: x\n")).toEqual([]);
  });
});
