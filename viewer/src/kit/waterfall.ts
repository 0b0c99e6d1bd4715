import {Child, h} from "./dom";
import {percent, plain, sign_class, signed} from "./numbers";
import "../../style/waterfall.css";

// A table whose bars begin where the one above ends: from zero to a value and all that it is made of.

export interface WaterfallEntry {
  name: Child;
  note?: string;
  value: number;
  /** What the entry is made of, folded. They add up to its value. */
  members?: readonly WaterfallEntry[];
}

export interface Waterfall {
  entries: readonly WaterfallEntry[];
  quantity: string;   // what the value is: "logit"
  column: string;     // what the entries are: "source"
  value: number;      // as the model computes it
  sum: number;        // of all entries
  residual: number;   // value − sum
  adds_up?: boolean;  // false: the entries are no parts of the value and get no percentages
}

/** Maps running totals to percent of the bars' column. */
type Scale = (total: number) => number;

function scale_of(w: Waterfall): Scale {
  let least = Math.min(0, w.value), most = Math.max(0, w.value), total = 0;
  for (const entry of w.entries) {
    let inner = total;
    for (const member of entry.members ?? []) {
      inner += member.value;
      least = Math.min(least, inner);
      most = Math.max(most, inner);
    }
    total += entry.value;
    least = Math.min(least, total);
    most = Math.max(most, total);
  }
  if (most === least) most = least + 1;
  return (value) => 100 * (value - least) / (most - least);
}

/** A bar from one running total to the next, and numbers. */
function cells(w: Waterfall, scale: Scale, before: number, after: number, kind = ""): HTMLElement[] {
  const from = scale(Math.min(before, after)), to = scale(Math.max(before, after)), value = after - before;
  const sign = sign_class(value);
  return [h("td", {class: "bar", "aria-hidden": "true"},
            h("i", {class: `${sign} ${kind}`, style: {left: `${from}%`, width: `${to - from}%`}})),
          h("td", {class: `number ${sign}`}, signed(value)),
          h("td", {class: "number faint wide-only"}, w.adds_up === false ? "" : percent(value, w.value)),
          h("td", {class: "number faint wide-only"}, plain(after, 4))];
}

function name_of(entry: WaterfallEntry): Child[] {
  return [entry.name, entry.note ? [" ", h("small", {}, entry.note)] : null];
}

function group(w: Waterfall, scale: Scale, entry: WaterfallEntry, before: number): HTMLElement[] {
  const members = h("tbody", {class: "members", hidden: true});
  const button = h("button", {type: "button", class: "unfold", "aria-expanded": "false"}, name_of(entry));
  let total = before;
  button.addEventListener("click", () => {
    members.hidden = !members.hidden;
    button.setAttribute("aria-expanded", String(!members.hidden));
    if (members.hasChildNodes()) return;
    for (const member of entry.members ?? []) {
      members.append(h("tr", {}, h("th", {scope: "row"}, name_of(member)),
                       cells(w, scale, total, total + member.value, "member")));
      total += member.value;
    }
  });
  return [h("tbody", {}, h("tr", {}, h("th", {scope: "row"}, button),
                           cells(w, scale, before, before + entry.value))), members];
}

/** Labels for zero and the value above the bars, on the side of their lines with enough space. */
function marks(scale: Scale, value: number): HTMLElement[] {
  const space = 25;  // the width of a label on a narrow screen, in percent of the column
  const zero = scale(0), target = scale(value);
  const at_target = h("span", {class: `mark target ${target < space ? "after" : ""}`}, plain(value));
  if (Math.abs(target - zero) <= 2 * space) return [at_target];
  return [h("span", {class: `mark zero ${zero > 100 - space ? "before" : ""}`}, "0"), at_target];
}

/** Every part of a value, one below the other, with the sum and the residual at the end. */
export function waterfall(w: Waterfall): HTMLElement {
  const scale = scale_of(w);
  let total = 0;
  const bodies = w.entries.map((entry) => {
    const before = total;
    total += entry.value;
    if (entry.members && entry.members.length > 1) return group(w, scale, entry, before);
    return h("tbody", {}, h("tr", {}, h("th", {scope: "row"}, name_of(entry)), cells(w, scale, before, total)));
  });
  const whole = (name: Child, value: number) =>
    h("tr", {class: "sum"}, h("th", {scope: "row"}, name), cells(w, scale, 0, value, "whole"));
  const head = h("tr", {}, h("th", {scope: "col"}, w.column),
                 h("td", {class: "bar", "aria-hidden": "true"}, marks(scale, w.value)),
                 h("th", {scope: "col", class: "number"}, "contribution"),
                 w.adds_up === false ? h("td", {class: "wide-only number"})
                                     : h("th", {scope: "col", class: "number wide-only"}, `of the ${w.quantity}`),
                 h("th", {scope: "col", class: "number wide-only"}, "total"));
  return h("div", {class: "waterfall", style: {"--zero": `${scale(0)}%`, "--target": `${scale(w.value)}%`}},
           h("table", {}, h("thead", {}, head), bodies,
             h("tfoot", {}, whole("sum of all contributions", w.sum),
               whole([w.quantity, " ", h("small", {}, "of the model")], w.value))),
           h("p", {}, `Residual (${w.quantity} minus sum): `, h("b", {}, signed(w.residual))));
}
