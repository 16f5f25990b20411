/**
 * At most `max` characters of a text and a note of what was left out; a shorter one comes back unchanged. `where`: where
 * the whole is, if it is kept.
 */
export function cutText(text: string, max: number, where: string | null = null): string {
  if (text.length <= max) return text;
  // Never between the halves of a surrogate pair.
  const end = /[\uD800-\uDBFF]/u.test(text.charAt(max - 1)) ? max - 1 : max;
  const leftOut = `the first ${max} of ${text.length} characters; ${text.length - max} left out`;
  return `${text.slice(0, end)}\n[cut here: ${leftOut}${where === null ? "" : `; ${where}`}]`;
}
