import {heat_words, grey_words} from "./colours";
import {Grid} from "./grid";
import {clamp} from "./numbers";

export type Style = "blend" | "multiply" | "cells";

export interface PaintedMap {
  grid: Grid;
  values: readonly number[];  // rows × columns, row-major
  limit: number;              // units at full colour
}

/** Along one axis: the two cells that a pixel lies between, and how far it is from the first. */
interface Taps { first: Int32Array; second: Int32Array; part: Float32Array; }

function taps(cells: number, step: number, smooth: boolean): Taps {
  const pixels = cells * step, first = new Int32Array(pixels), second = new Int32Array(pixels), part = new Float32Array(pixels);
  for (let i = 0; i < pixels; ++i) {
    const position = smooth ? clamp((i + 0.5) / step - 0.5, 0, cells - 1) : Math.floor(i / step);
    first[i] = Math.floor(position);
    second[i] = Math.min(first[i] + 1, cells - 1);
    part[i] = position - first[i];
  }
  return {first, second, part};
}

/** Draws a map on a canvas of its own size: whole numbers of pixels a cell, at most `longest` in all. */
export function paint(canvas: HTMLCanvasElement, map: PaintedMap, style: Style, longest = 768): void {
  const {grid: {rows, columns}, values, limit} = map;
  const step = clamp(Math.floor(longest / Math.max(rows, columns)), 1, 48);
  const width = canvas.width = columns * step, height = canvas.height = rows * step;
  const context = canvas.getContext("2d");
  if (!context) return;
  const image = context.createImageData(width, height), pixels = new Uint32Array(image.data.buffer);
  const colours = style === "multiply" ? grey_words() : heat_words(), half = (colours.length - 1) / 2;
  const smooth = style !== "cells", across = taps(columns, step, smooth), down = taps(rows, step, smooth);
  const line = new Float32Array(columns);  // the values at one row of pixels, at the centres of the cells
  for (let y = 0, at = 0; y < height; ++y) {
    const above = down.first[y] * columns, below = down.second[y] * columns;
    for (let c = 0; c < columns; ++c) {
      const value = values[above + c] + down.part[y] * (values[below + c] - values[above + c]);
      line[c] = limit > 0 ? clamp(value / limit, -1, 1) : 0;
    }
    for (let x = 0; x < width; ++x, ++at) {
      const first = line[across.first[x]], scaled = first + across.part[x] * (line[across.second[x]] - first);
      pixels[at] = colours[Math.round((scaled + 1) * half)];
    }
  }
  if (style === "cells" && step > 8) rule(image, step);
  context.putImageData(image, 0, 0);
}

/** Grey lines between the cells. */
function rule({data, width, height}: ImageData, step: number): void {
  for (let y = 0, at = 0; y < height; ++y) {
    for (let x = 0; x < width; ++x, at += 4) {
      if (x % step === 0 || y % step === 0) data.set([128, 128, 128, Math.max(data[at + 3], 80)], at);
    }
  }
}
