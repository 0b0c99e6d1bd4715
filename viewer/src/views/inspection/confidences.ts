import {h} from "../../kit/dom";
import {first_of} from "../../kit/more";
import {compact, plain} from "../../kit/numbers";
import {lede, section} from "../../kit/section";
import {Column, table} from "../../kit/table";
import type {Inspection} from "../../results";
import type {ViewContext} from "../view";

type Confidence = Inspection["confidences"][number];

const few = 10;

/** The highest logits, and the explained text wherever it is. */
function shown_of(all: readonly Confidence[], count: number): Confidence[] {
  const ordered = [...all].sort((a, b) => b.logit - a.logit);
  return ordered.filter((one, i) => i < count || one.explained);
}

function sentence(result: Inspection): string {
  const count = result.confidences.length;
  if (count === 1) return "With a single text there is no choice: both are 100 %. Give more of them.";
  return `Softmax over ${count} texts: of the bare cosines, and of the logits, which are ` +
         `${compact(result.score.logit_scale)} times as large.`;
}

function meter(part: number): HTMLElement {
  return h("div", {class: "meter"},
           h("div", {"aria-hidden": "true"}, h("i", {style: {width: `${(100 * part).toFixed(2)}%`}})),
           h("span", {}, `${(100 * part).toFixed(2)}\u00a0%`));
}

/** Probabilities with and without the logit scale. */
export function confidences_section(result: Inspection, {actions}: ViewContext): HTMLElement | null {
  const all = result.confidences;
  if (!all.length) return null;
  const classes = actions && (result.target.kind === "class" || result.target.kind === "contrast");
  const name = (one: Confidence) => !classes ? one.name :
    h("button", {type: "button", class: "link", on: {click: () => actions.explain_class(one.name)}}, one.name);
  const columns: Column<Confidence>[] = [
    {title: "name", cell: name, sort: (one) => one.name},
    {title: "cosine", number: true, cell: (one) => plain(one.similarity, 4), sort: (one) => one.similarity},
    {title: "softmax of cosines", cell: (one) => meter(one.unscaled), sort: (one) => one.unscaled, best: "high"},
    {title: "softmax of logits", cell: (one) => meter(one.scaled), sort: (one) => one.scaled, best: "high"}];
  return section("Effect of the logit scale", lede(sentence(result)),
                 first_of(all.length, few, (count) => table(shown_of(all, count), columns, {
                   class: "choices", row_class: (one) => one.explained ? "explained" : undefined}), "texts"));
}
