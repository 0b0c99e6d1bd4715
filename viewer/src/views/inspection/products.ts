import {choice} from "../../kit/choice";
import {h, replace} from "../../kit/dom";
import {signed} from "../../kit/numbers";
import {lede, section} from "../../kit/section";
import {waterfall, WaterfallEntry} from "../../kit/waterfall";
import type {Inspection} from "../../results";

const choices = [10, 20, 50];  // of each sign

/** The largest products of each sign, and the sum of the others. */
function product_entries({order, score}: Inspection, top: number): WaterfallEntry[] {
  const positive: number[] = [], negative: number[] = [];
  let others = 0, rest = 0;
  for (const k of order) {
    const value = score.contributions[k], side = value < 0 ? negative : positive;
    if (value !== 0 && side.length < top) {
      side.push(k);
    } else {
      ++others;
      rest += value;
    }
  }
  const entries: WaterfallEntry[] = [...positive, ...negative].map((k) => (
    {name: `index ${k}`, value: score.contributions[k],
     note: `z ${signed(score.image[k], 3)} · t ${signed(score.text[k], 3)}`}));
  return others ? [...entries, {name: `${others} others`, value: rest}] : entries;
}

/** From zero to the logit, index by index. */
export function products_section(result: Inspection): HTMLElement {
  const {score} = result, box = h("div");
  const show = (top: number) => replace(box, waterfall({
    entries: product_entries(result, top), quantity: "logit", column: "index", value: score.model_logit, sum: score.sum,
    residual: score.residual}));
  show(choices[0]);
  const more = score.products.length > 2 * choices[0];
  return section("Index by index",
                 lede("From zero to the logit: the largest products z·t of single indices. Each bar begins where the " +
                      "one above it ends."),
                 more ? choice("indices of each sign", choices, 0, (at) => show(choices[at])) : null, box);
}
