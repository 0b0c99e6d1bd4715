import {replace} from "../kit/dom";
import {load_image} from "../kit/picture";
import {open_folds_to_print} from "../kit/print";
import {Selection} from "../kit/selection";
import type {ViewContext} from "../views/view";
import "../../style/page.css";

// A self-contained page: draws the result that is inlined in it. Each kind of result has an entry of its own here, so that a page
// contains the code of one view.

interface Payload<Result> {
  result: Result;
  pictures: Record<string, string>;  // "image" is the explained one; data addresses
  limit?: number;                    // units at full colour; absent: the largest |value|
}

interface OfImage { image?: {width: number; height: number}; }

/** Draws the page's result by the view. */
export async function start<Result>(view: (result: Result, context: ViewContext) => HTMLElement): Promise<void> {
  const main = document.querySelector("main");
  const text = document.getElementById("payload")?.textContent;
  if (!main || !text) return;
  const {result, pictures, limit} = JSON.parse(text) as Payload<Result>;
  const image = load_image(pictures.image, (result as OfImage).image);
  await image?.decode().catch(() => undefined);
  open_folds_to_print();
  replace(main, view(result, {image, pictures, limit, selection: new Selection(), actions: null}));
}
