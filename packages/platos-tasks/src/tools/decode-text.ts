import { isHtmlMediaType, isXmlMediaType } from "./media-type.ts";

/**
 * Bytes to text by the byte-order mark, the header's charset, or the charset that an HTML page or an XML document states
 * of itself, in this order; else UTF-8. Source: encoding.spec.whatwg.org; HTML, "prescan a byte stream to determine its
 * encoding"; XML, appendix F.
 */
export function decodeText(bytes: Uint8Array, contentType: string): string {
  const mayState = isHtmlMediaType(contentType) || isXmlMediaType(contentType);
  const label = byteOrderMark(bytes) ?? charsetIn(contentType) ?? (mayState ? statedCharset(bytes) : null);
  return decodeAs(label ?? "utf-8", bytes);
}

/** The first characters, never half of one, and whether anything was cut off. */
export function truncateText(text: string, maxChars: number): { readonly text: string; readonly truncated: boolean } {
  if (text.length <= maxChars) return { text, truncated: false };
  const cut = text.slice(0, maxChars);
  return { text: cut.isWellFormed() ? cut : cut.slice(0, -1).toWellFormed(), truncated: true };
}

function byteOrderMark(bytes: Uint8Array): string | null {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return "utf-8";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  return null;
}

const charset = /charset\s*=\s*["']?\s*(?<label>[\w:.-]+)/iu;

function charsetIn(text: string): string | null {
  return charset.exec(text)?.groups?.["label"] ?? null;
}

function statedCharset(bytes: Uint8Array): string | null {
  const head = new TextDecoder("latin1").decode(bytes.subarray(0, 2_048));
  for (const [tag] of head.matchAll(/<(?:meta|\?xml)[^>]*>/giu)) {
    const label = charsetIn(tag) ?? /encoding\s*=\s*["'](?<label>[\w:.-]+)/iu.exec(tag)?.groups?.["label"] ?? null;
    // A page that was read as single bytes so far cannot be UTF-16, whatever it says.
    if (label !== null) return label.toLowerCase().startsWith("utf-16") ? "utf-8" : label;
  }
  return null;
}

function decodeAs(label: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder(label).decode(bytes);
  } catch {
    // A charset that nobody knows.
    return new TextDecoder().decode(bytes);
  }
}
