const maxChars = 120;

// Separators, characters that some file system refuses, control characters, and marks that turn text around (with
// which `gnp.exe` can be made to look like `exe.png`).
// eslint-disable-next-line no-control-regex -- control characters are what must go
const unsafe = /[/\\<>:"|?*\u0000-\u001F\u007F-\u009F\u200B-\u200F\u2028-\u202E\u2066-\u2069\uFEFF]+/gu;

/** A name that is safe on any file system and in a header: no folders, no control characters, at most 120 characters. */
export function safeFileName(wanted: string, fallback: string): string {
  const clean = wanted.toWellFormed().normalize("NFC").replace(unsafe, "-").replace(/\s+/gu, " ");
  const name = clean.replace(/^[\s.-]+|[\s.-]+$/gu, "");
  if (name === "") return fallback;
  const extension = /\.[A-Za-z0-9]{1,10}$/u.exec(name)?.[0] ?? "";
  const stem = name.slice(0, name.length - extension.length);
  return stem.slice(0, maxChars - extension.length).replace(/[\uD800-\uDBFF]$/u, "") + extension;
}
