import type { Json } from "../../packages/platos-tasks/src/core/json.ts";

/** Texts that a database, a parser or a template may not like. */
export const hostileTexts = [
  "a\0b",
  "\uD800",
  "half \uD83D",
  "\uDE00 other half",
  "\u0001\u001B[31m\u007F\u0085\u2028\u2029\uFFFE\uFFFF",
  // These are not the characters, but how they are written: they must come back as they are.
  String.raw`\u0000 \ud800 \\u0000`,
  `both \0 and ${String.raw`\u0000`}`,
  "'; drop table platos.platos_tasks; -- $1 ${x} {{item.field}} %s %00",
  "\u202Egnp.exe\u202C a\u0300\u0301\u0302 \u200B\uFEFF \u{1F469}\u200D\u{1F680}",
  "</background_result><script>alert(1)</script> & <b>",
  "x".repeat(60_000),
  "\0".repeat(30_000),
  "\uD83D".repeat(30_000),
] as const;

export const hostileKeys = [
  "__proto__",
  "constructor",
  "toString",
  "",
  "\0",
  "\uD800",
  "a\0b",
  "a\uFFFDb",
  "1",
  "01",
  "$ref",
  "k".repeat(70_000),
] as const;

const hostileNumbers = [-0, 5e-324, 1.7976931348623157e308, 2 ** 53 + 2, 1e21, 0.1] as const;

/** An object of everything that is hostile, some levels deep. */
export function hostileObject(levels: number): Json {
  let value: Json = [...hostileTexts.slice(0, 8), ...hostileNumbers];
  for (let level = 0; level < levels; level += 1) value = [value];
  return Object.fromEntries(hostileKeys.map((key): [string, Json] => [key, value]));
}

/** So deep that whoever goes down it by calling himself falls. */
export function deepJson(depth: number): string {
  return "[".repeat(depth) + "]".repeat(depth);
}

/** Pages that are not what they say they are. */
export const hostilePages: Readonly<Record<string, { readonly type: string; readonly body: Uint8Array }>> = {
  invalidUtf8: {
    type: "text/plain; charset=utf-8",
    body: bytes(0x61, 0xff, 0xfe, 0xc0, 0x80, 0xed, 0xa0, 0x80, 0x62, 0xf4),
  },
  nulBytes: { type: "text/plain", body: bytes(0x61, 0, 0, 0x62) },
  unknownCharset: { type: "text/plain; charset=no-such", body: bytes(0x61, 0xe9) },
  halfUtf16: { type: "text/plain; charset=utf-16le", body: bytes(0x00, 0xd8, 0x61, 0x00, 0x62) },
  brokenHtml: {
    type: "text/html",
    body: Buffer.from(`<p>a\0b&#0;&#xD800;&#x1F600;<b><i></p><title>\0</title>${"<div>".repeat(3000)}end`, "latin1"),
  },
  longLine: { type: "text/plain", body: Buffer.alloc(4_000_000, "é") },
};

function bytes(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values);
}
