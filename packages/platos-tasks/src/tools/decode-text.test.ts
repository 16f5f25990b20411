import { describe, expect, it } from "vitest";
import { decodeText, truncateText } from "./decode-text.ts";

const latin1 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "latin1"));

describe("decodeText", () => {
  it.each([
    ["UTF-8 when nothing is said", new TextEncoder().encode("Grüße"), "text/plain"],
    ["the header's charset", latin1("Grüße"), "text/plain; charset=ISO-8859-1"],
    ["a quoted charset", latin1("Grüße"), 'text/html;charset="windows-1252"'],
    ["the byte-order mark before the header", new TextEncoder().encode("\uFEFFGrüße"), "text/plain; charset=latin1"],
    ["UTF-16 by its mark", Uint8Array.from(Buffer.from("\uFEFFGrüße", "utf16le")), "text/plain"],
    ["UTF-8 when the charset is unknown", new TextEncoder().encode("Grüße"), "text/plain; charset=klingon"],
  ])("uses %s", (_name, bytes, contentType) => {
    expect(decodeText(bytes, contentType)).toBe("Grüße");
  });

  it.each([
    '<meta charset="iso-8859-1">',
    '<meta http-equiv="Content-Type" content="text/html; charset=windows-1252">',
    '<?xml version="1.0" encoding="ISO-8859-1"?>',
  ])("uses what an HTML page says of itself: %s", (head) => {
    expect(decodeText(latin1(`${head}<p>Grüße`), "text/html")).toContain("Grüße");
  });

  it.each(["text/xml", "application/xml", "application/rss+xml", "application/atom+xml"])(
    "uses what an XML document says of itself, such as a feed: %s",
    (contentType) => {
      const feed = '<?xml version="1.0" encoding="ISO-8859-1"?><title>Grüße</title>';
      expect(decodeText(latin1(feed), contentType)).toBe(feed);
    },
  );
});

describe("truncateText", () => {
  it("cuts at the limit and never through a character", () => {
    expect(truncateText("abc", 3)).toEqual({ text: "abc", truncated: false });
    expect(truncateText("abcd", 3)).toEqual({ text: "abc", truncated: true });
    expect(truncateText("ab😀", 3)).toEqual({ text: "ab", truncated: true });
  });
});
