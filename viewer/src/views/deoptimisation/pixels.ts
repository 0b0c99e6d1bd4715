import {h} from "../../kit/dom";
import type {Deoptimisation} from "../../results";

export type Pixels = NonNullable<Deoptimisation["detail"]>["edited"];

/** Draws an image of numbers. */
export function draw_pixels(canvas: HTMLCanvasElement, {width, height, rgb}: Pixels): void {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  if (!context) return;
  const image = context.createImageData(width, height);
  for (let pixel = 0; pixel < width * height; ++pixel) {
    for (let c = 0; c < 3; ++c) image.data[4 * pixel + c] = rgb[3 * pixel + c];
    image.data[4 * pixel + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

export function pixel_canvas(pixels: Pixels, label: string): HTMLCanvasElement {
  const canvas = h("canvas", {class: `pixels ${Math.max(pixels.width, pixels.height) <= 256 ? "tiny" : ""}`, role: "img",
                              "aria-label": label});
  draw_pixels(canvas, pixels);
  return canvas;
}
