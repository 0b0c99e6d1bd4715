import {Child, h} from "../../kit/dom";
import {fold, lede, section} from "../../kit/section";
import {table} from "../../kit/table";
import type {Evaluation} from "../../results";

/** How to read the marks of the tables. */
export function reading_section(): HTMLElement {
  const entry = (mark: Child, meaning: string) => h("div", {}, h("dt", {}, mark), h("dd", {}, meaning));
  return section("How to read it", h("dl", {class: "reading"},
    entry(["0.412 ", h("small", {}, "0.390 … 0.433")], "The mean over the images, and below it its confidence interval. If a value is over fewer images than others in the column, their number is given."),
    entry(h("i", {}, "3"), "The rank in the column, including baselines; equal values share the best rank. A stronger colour of the cell is a better rank."),
    entry(h("b", {}, "0.412"), "The best value of the column."),
    entry(h("span", {class: "near"}, "0.412"), "The interval overlaps that of the best value: the row may be as good."),
    entry(h("em", {}, "≈"), "The interval overlaps that of the best baseline: not distinguishable from random."),
    entry(h("em", {class: "worse"}, "▼"), "Worse than random: the whole interval is on the worse side of the best baseline’s interval."),
    entry("–", "There is no value; the tooltip of the cell gives the reason."),
    entry("↑ ↓", "Whether higher or lower is better. A column that is not ranked describes the maps but not their quality."),
    entry("mean rank", "The mean of a row’s ranks in the ranked columns of the category. A row with ranks in fewer than half of them comes after all others and is not listed among the best. Ranks in a column with few values are small numbers.")),
    lede("Overlap is a conservative test: all methods are measured on the same images, so a paired comparison may separate methods whose intervals overlap. The intervals hold for the measured images: other models and images may give other rankings. A metric that disagrees with the others measures something else; it need not be wrong."));
}

/** Images and annotations of the data set that were not used. */
export function unused_section({skipped, remarks}: Evaluation): HTMLElement | null {
  const images = Object.entries(skipped);
  if (images.length + remarks.length === 0) return null;
  return section("What was not used",
    remarks.length === 0 ? null : table(remarks, [
      {title: "entries", cell: ({kind}) => kind}, {title: "number", number: true, cell: ({count}) => count},
      {title: "are", cell: ({images: whole}) => whole ? "images" : "annotations"},
      {title: "the first of them", cell: ({examples}) => examples.join(", ")}], {label: "Entries of the data set that were not used"}),
    images.length === 0 ? null : fold(`${images.length} image${images.length === 1 ? "" : "s"} skipped`, () =>
      table(images, [{title: "image", cell: ([name]) => name}, {title: "reason", cell: ([, reason]) => reason}], {label: "Skipped images"})));
}
