/** A text as one word of a POSIX shell. */
export function shell_word(text: string): string {
  if (/^[A-Za-z0-9_\/.,:=@%+-]+$/.test(text)) return text;
  return `'${text.replace(/'/g, `'\\''`)}'`;
}
