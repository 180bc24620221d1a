/**
 * Characters that a terminal obeys instead of showing: control characters (escape sequences begin with one) and the marks that
 * turn the direction of text. A line feed and a tab are harmless.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that are looked for
const OBEYED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** Returns text that a user gave (names, labels, messages) as a terminal can show it: what it would obey is written as `\u001b`. */
export function visibleText(text: string): string {
  return text.replace(OBEYED, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
