import {h} from "../../kit/dom";
import {first_of} from "../../kit/more";
import {compact, descending, sign_class, signed} from "../../kit/numbers";
import {lede, section} from "../../kit/section";
import {Column, table} from "../../kit/table";
import type {Inspection} from "../../results";

const few = 10;

function beyond_sentence(indices: readonly number[], values: readonly number[], threshold: number, embedding: string,
                         symbol: string): string {
  if (indices.length) {
    return `${indices.length} of the ${values.length} values of the ${embedding} embedding have |${symbol}| ≥ ` +
           `${compact(threshold)}.`;
  }
  const largest = descending(values.map(Math.abs))[0];
  return `No value of the ${embedding} embedding has |${symbol}| ≥ ${compact(threshold)}: the largest |value| is ` +
         `${compact(Math.abs(values[largest]))}, of index ${largest}.`;
}

function both_sentence({beyond, score}: Inspection): string {
  if (!beyond.image.length || !beyond.text.length) return "In both: none.";
  // The expected size of the intersection of two independent random sets of these sizes.
  const chance = beyond.image.length * beyond.text.length / score.image.length;
  const start = `In both: ${beyond.both.length} (by chance ${chance.toFixed(1)})`;
  if (!beyond.both.length) return `${start}.`;
  const more = beyond.both.length > few ? ` and ${beyond.both.length - few} more` : "";
  const contributions = beyond.both.reduce((sum, k) => sum + score.contributions[k], 0);
  return `${start}, by the size of their products: ${beyond.both.slice(0, few).join(", ")}${more}; together ` +
         `${signed(contributions)} of the logit ${signed(score.logit)}.`;
}

function beyond_table({score}: Inspection, caption: string, indices: readonly number[], note: string): HTMLElement {
  const column = (title: string, values: readonly number[]): Column<number> => (
    {title, number: true, cell: (k) => signed(values[k]), sort: (k) => values[k], class: (k) => sign_class(values[k])});
  const columns: Column<number>[] = [
    {title: "index", cell: (k) => k, sort: (k) => k, best: "low"},
    column("image z", score.image), column("text t", score.text), column("contribution", score.contributions)];
  return h("div", {}, indices.length ? null : h("h3", {}, caption),
           indices.length ? first_of(indices.length, few, (count) => table(indices.slice(0, count), columns, {caption}),
                                     "indices") : null,
           h("p", {class: "under"}, note));
}

/** The indices whose values are large. */
export function beyond_section(result: Inspection): HTMLElement {
  const {beyond, score, thresholds} = result;
  return section(
    "Indices beyond the threshold", lede(both_sentence(result)),
    h("div", {class: "tables"},
      beyond_table(result, "By the image embedding", beyond.image,
                   beyond_sentence(beyond.image, score.image, thresholds.image, "image", "z")),
      beyond_table(result, "By the text embedding", beyond.text,
                   beyond_sentence(beyond.text, score.text, thresholds.text, "text", "t"))));
}
