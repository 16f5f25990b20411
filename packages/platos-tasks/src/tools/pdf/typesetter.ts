/** Turns text into text that the fonts can draw, and remembers what they could not. */
export interface Typesetter {
  /** For the text font. */
  text(text: string): string;
  /** For code: pieces for the fixed-width font, and pieces that need the text font. */
  code(text: string): readonly CodePiece[];
  /** Distinct characters that were asked for and not drawn, in the order met. */
  missing(): readonly string[];
}

export interface CodePiece {
  readonly text: string;
  readonly fixedWidth: boolean;
}

// Signs that models like and that the fonts lack, as text that reads the same.
const substitutes: ReadonlyMap<string, string> = new Map([
  ...pairs("→➔➜➡⟶", "->"),
  ...pairs("←⬅⟵", "<-"),
  ...pairs("↔", "<->"),
  ...pairs("⇒⟹", "=>"),
  ...pairs("⇐", "<="),
  ...pairs("✓✔✅☑", "√"),
  ...pairs("✗✘❌☒✖", "×"),
  ...pairs("☐□▢", "[ ]"),
  ...pairs("★☆⭐", "*"),
  ...pairs("▪▫◼◾■", "•"),
  ...pairs("‣⁃", "•"),
  ...pairs("▶►▸", "›"),
  ...pairs("⚠", "(!)"),
  ...pairs("ℹ", "(i)"),
  ...pairs("─━═┄┈", "-"),
  ...pairs("│┃║├┣", "|"),
  ...pairs("└┗", "`"),
  ...pairs("┌┐┘┤┬┴┼╔╗╚╝╠╣╦╩╬", "+"),
  ...pairs("█▓▒░", "#"),
]);

// Joiners, variation selectors and marks of direction: they shape glyphs of other fonts and draw nothing.
const invisible = /\p{Default_Ignorable_Code_Point}/gu;
// eslint-disable-next-line no-control-regex -- control characters are what must go
const control = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/gu;
const pictograph = /\p{Extended_Pictographic}|\p{Regional_Indicator}|\p{Emoji_Modifier}/u;

// What Windows-1252 holds beyond Latin-1.
const windows1252 = new Set("€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ");

export function createTypesetter(hasGlyph: (codePoint: number) => boolean): Typesetter {
  const missing = new Set<string>();
  const drawn = (character: string): boolean => character === "\n" || hasGlyph(character.codePointAt(0) ?? 0);

  const fit = (character: string): string => {
    if (drawn(character)) return character;
    const substitute = substitutes.get(character) ?? character.normalize("NFKD");
    if (Array.from(substitute).every(drawn)) return substitute;
    missing.add(character);
    // An emoji is left out like an ornament; any other character leaves a mark where it stood.
    return pictograph.test(character) ? "" : "\uFFFD";
  };

  const text = (raw: string): string => {
    const clean = raw.normalize("NFC").replaceAll("\t", "    ").replace(invisible, "").replace(control, "");
    return Array.from(clean, fit).join("");
  };

  return {
    text,
    code: (raw) => {
      const pieces: { text: string; fixedWidth: boolean }[] = [];
      for (const character of text(raw)) {
        const fixedWidth = inWindows1252(character);
        const last = pieces.at(-1);
        if (last?.fixedWidth === fixedWidth) last.text += character;
        else pieces.push({ text: character, fixedWidth });
      }
      return pieces;
    },
    missing: () => [...missing],
  };
}

function inWindows1252(character: string): boolean {
  return character === "\n" || /[\u0020-\u007E\u00A0-\u00FF]/u.test(character) || windows1252.has(character);
}

function pairs(characters: string, substitute: string): (readonly [string, string])[] {
  return Array.from(characters, (character) => [character, substitute] as const);
}
