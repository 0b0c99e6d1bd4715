import {clamp} from "./numbers";

// The diverging colours of maps: red for values above zero, blue below, of equal lightness in Oklab
// (Ottosson, A perceptual color space for image processing, 2020). whyclip/render/colormap.cpp has the same.

export type Rgb = [number, number, number];  // 0 to 255

const neutral_lightness = 0.965;
const end_lightness = 0.48;
const end_chroma = 0.185;  // the maximum in gamut for both hues at end_lightness
const red_hue = 27, blue_hue = 261;  // degrees in Oklab's (a, b) plane

const mix = (a: number, b: number, t: number): number => a + (b - a) * t;

/** The sRGB transfer function (IEC 61966-2-1), to 8 bits. */
function encode(linear: number): number {
  const x = clamp(linear, 0, 1);
  return Math.round(255 * (x <= 0.0031308 ? 12.92 * x : 1.055 * x ** (1 / 2.4) - 0.055));
}

function from_oklab(lightness: number, a: number, b: number): Rgb {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3;
  return [encode(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
          encode(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
          encode(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s)];
}

/** The colour of a value in units of full scale, −1 to 1. */
export function diverging(value: number): Rgb {
  const clamped = Number.isNaN(value) ? 0 : clamp(value, -1, 1), part = Math.abs(clamped);
  const hue = (clamped < 0 ? blue_hue : red_hue) * Math.PI / 180, chroma = end_chroma * part;
  return from_oklab(mix(neutral_lightness, end_lightness, part), chroma * Math.cos(hue), chroma * Math.sin(hue));
}

/** The colour over an image of a value in units of full scale: red, green, blue and opacity, 0 to 255. */
export function heat_colour(value: number): [number, number, number, number] {
  const faintest = 0.35;  // the palest colour; paler ones would whiten the image
  const part = Number.isNaN(value) ? 0 : Math.min(1, Math.abs(value)), strength = mix(faintest, 1, part);
  return [...diverging(value < 0 ? -strength : strength), Math.round(255 * part ** 0.65)];
}

const steps = 128;  // on each side of zero

/** A colour for every step from −1 to 1, as four bytes in the order of a canvas. */
function words(colour: (value: number) => readonly number[]): Uint32Array {
  const bytes = new Uint8Array(4 * (2 * steps + 1));
  for (let i = 0; i <= 2 * steps; ++i) bytes.set(colour((i - steps) / steps), 4 * i);
  return new Uint32Array(bytes.buffer);
}

let heat: Uint32Array | null = null, grey: Uint32Array | null = null;

/** heat_colour by table, fast enough for every pixel of a canvas. */
export function heat_words(): Uint32Array { return heat ??= words(heat_colour); }

/** Black up to zero, then greys to white: the factors of the style "multiply". */
export function grey_words(): Uint32Array {
  return grey ??= words((value) => { const level = Math.round(255 * Math.max(0, value)); return [level, level, level, 255]; });
}

export const css = ([r, g, b]: Rgb): string => `rgb(${r} ${g} ${b})`;

/** A CSS gradient of heat colours from `least` (−1 or 0) to 1. */
export function heat_gradient(least: -1 | 0): string {
  const stops: string[] = [];
  for (let i = 8 * least; i <= 8; ++i) {
    const [r, g, b, opacity] = heat_colour(i / 8);
    stops.push(`rgb(${r} ${g} ${b} / ${(opacity / 255).toFixed(3)})`);
  }
  return `linear-gradient(90deg, ${stops.join(", ")})`;
}
