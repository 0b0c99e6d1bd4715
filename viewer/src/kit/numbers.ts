// Numbers for the reader: a real minus sign, the same number of decimals in a column.

/** "−1.25"; a value that rounds to zero has no sign. */
export function plain(value: number, decimals = 2): string {
  const size = Math.abs(value).toFixed(decimals);
  return (value < 0 && Number(size) !== 0 ? "−" : "") + size;
}

/** "+0.1234", "−1.2e−7", "0". */
export function signed(value: number, decimals = 4): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  const text = size < 0.5 * 10 ** -decimals ? scientific(size) : size.toFixed(decimals);
  return (value < 0 ? "−" : "+") + text;
}

/** A value of a map: where none can be negative, the plus sign is left out. */
export function map_value(value: number, with_signs: boolean): string {
  return with_signs ? signed(value) : signed(value).replace(/^\+/, "");
}

/** "1.2e−7" */
export function scientific(value: number, digits = 1): string {
  return value.toExponential(digits).replace(/-/g, "−").replace("+", "");
}

/** The shortest text with so many significant digits: "26.35", "−0.5", "3e−5". */
export function compact(value: number, digits = 4): string {
  return String(Number(value.toPrecision(digits))).replace(/-/g, "−").replace("+", "");
}

/** With the decimals that give the largest of several values three significant digits: "0.02" beside "9.29". */
export function beside_largest(value: number, most: number): string {
  if (value !== 0 && most < 1e-4) return scientific(value, 2);
  return plain(value, most > 0 ? clamp(2 - Math.floor(Math.log10(most)), 0, 6) : 0);
}

/** The part of a whole with its sign: "+12.5 %"; empty if the whole is practically zero. */
export function percent(part: number, whole: number): string {
  if (Math.abs(whole) < 1e-6) return "";
  const value = 100 * part / Math.abs(whole);
  if (Math.abs(value) < 0.05) return "0.0\u00a0%";
  return (value < 0 ? "−" : "+") + Math.abs(value).toFixed(1) + "\u00a0%";
}

/** A probability or fraction: "97.3 %", "< 0.1 %". */
export function fraction(value: number): string {
  if (value > 0 && value < 0.001) return "< 0.1\u00a0%";
  return (100 * value).toFixed(1) + "\u00a0%";
}

/** A label of an axis or legend: "+1.25", "0". Three significant digits. */
export function tick(value: number): string {
  if (value === 0) return "0";
  return (value < 0 ? "−" : "+") + Number(Math.abs(value).toPrecision(3));
}

/** "85 ms", "1.2 s", "3.5 min" */
export function duration(seconds: number): string {
  if (seconds < 1) return `${(1000 * seconds).toFixed(0)} ms`;
  return seconds < 100 ? `${seconds.toFixed(1)} s` : `${(seconds / 60).toFixed(1)} min`;
}

/** "positive" or "negative": the CSS class of a signed number. */
export function sign_class(value: number): "positive" | "negative" {
  return value < 0 ? "negative" : "positive";
}

export function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

/** The largest |value|; 0 of an empty list. */
export function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

/** Indices of a list, the largest value first; equal values in their order. */
export function descending(values: readonly number[]): number[] {
  return Array.from(values.keys()).sort((a, b) => values[b] - values[a] || a - b);
}
