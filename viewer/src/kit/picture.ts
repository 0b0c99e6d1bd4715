import {Child, h} from "./dom";
import type {Size} from "./grid";
import "../../style/picture.css";

/** The image of a result; its size in the result's pixels is in data-width and data-height. Null without an address. */
export function load_image(address: string | undefined, size?: Size): HTMLImageElement | null {
  if (!address) return null;
  const image = h("img", {src: address, alt: "The explained image", "data-width": size?.width, "data-height": size?.height});
  if (size && Math.max(size.width, size.height) <= 256) image.classList.add("tiny");
  return image;
}

/** A copy of the explained image, which a page shows at several places. */
export function copy_of(image: HTMLImageElement | null): HTMLImageElement | null {
  return image ? image.cloneNode() as HTMLImageElement : null;
}

/** A picture beside a table or text; on narrow screens above it. */
export function beside(picture: Element | null, ...content: Child[]): HTMLElement {
  return h("div", {class: picture ? "beside" : undefined}, picture, h("div", {}, content));
}

/** The file's name of a path. */
export function file_name(path: string): string {
  return path.replace(/^.*[\\/](?=.)/, "");
}
