import {Child, h} from "./dom";
import {largest, sign_class, signed} from "./numbers";

export interface Bar {
  name: Child;
  value: number;
  text?: string;   // default: signed(value)
  class?: string;
}

/** A bar alone, for a cell of a table; with `both` it goes left or right of the middle. */
export function track(value: number, limit: number, both: boolean): HTMLElement {
  const part = limit > 0 ? Math.min(1, Math.abs(value) / limit) : 0, half = both ? 50 : 100;
  const left = !both ? 0 : value < 0 ? half * (1 - part) : half;
  return h("div", {class: `track ${both ? "both" : ""}`, "aria-hidden": "true"},
           h("i", {class: both ? sign_class(value) : undefined, style: {left: `${left}%`, width: `${half * part}%`}}));
}

/** Horizontal bars from a common zero; signed ones go left and right of it. */
export function bars(entries: readonly Bar[], options: {caption?: Child; limit?: number; signed?: boolean} = {}): HTMLElement {
  const limit = options.limit ?? largest(entries.map(({value}) => value));
  const both = options.signed ?? entries.some(({value}) => value < 0);
  const row = (bar: Bar) => h("li", {class: bar.class}, h("b", {}, bar.name), track(bar.value, limit, both),
                             h("span", {}, bar.text ?? signed(bar.value)));
  return h("figure", {class: "bars"}, options.caption ? h("figcaption", {}, options.caption) : null,
           h("ol", {}, entries.map(row)));
}
