import {h, svg} from "../../kit/dom";
import {clamp, compact} from "../../kit/numbers";
import type {Inspection} from "../../results";

type Bins = Inspection["histogram"]["bins"];

const most_labels = 6;  // few enough for a narrow screen

/** The number of bars between two labels: 1, 2, 5, 10, … */
function label_step(bars: number): number {
  for (let power = 1; ; power *= 10) {
    for (const digit of [1, 2, 5]) {
      if (bars / (digit * power) <= most_labels) return digit * power;
    }
  }
}

function axis(bins: Bins): HTMLElement {
  const step = label_step(bins.count), margin = 3;  // percent; labels must not extend beyond the page
  const labels: HTMLElement[] = [];
  for (let i = 0; i <= bins.count; ++i) {
    const left = 100 * i / bins.count;
    if ((bins.first + i) % step !== 0 || left < margin || left > 100 - margin) continue;
    labels.push(h("span", {style: {left: `${left}%`}}, compact((bins.first + i) * bins.width)));
  }
  return h("div", {class: "axis", "aria-hidden": "true"}, labels);
}

/** The areas beyond the threshold, and lines at it and at zero. */
function areas(bins: Bins, threshold: number): SVGElement[] {
  const at = (value: number) => clamp(100 * (value / bins.width - bins.first) / bins.count, 0, 100);
  const below = at(-threshold), above = at(threshold);
  const line = (kind: string, x: number) => x <= 0 || x >= 100 ? [] : [svg("line", {class: kind, x1: x, x2: x, y1: 0, y2: 100})];
  return [svg("rect", {class: "beyond", x: 0, y: 0, width: below, height: 100}),
          svg("rect", {class: "beyond", x: above, y: 0, width: 100 - above, height: 100}),
          ...line("limit", below), ...line("limit", above), ...line("zero", at(0))];
}

function count_bars(bins: Bins, counts: readonly number[], highest: number): SVGElement[] {
  const top = 96, least = 1.2, gap = 0.08;  // in percent of the height, and of a bar's width
  return counts.flatMap((count, i) => {
    if (count === 0) return [];
    const height = Math.max(least, top * count / highest), edge = (bins.first + i) * bins.width;
    return [svg("rect", {class: "count", x: 100 * (i + gap) / bins.count, y: 100 - height,
                         width: 100 * (1 - 2 * gap) / bins.count, height},
                svg("title", {}, `${count} from ${compact(edge)} to ${compact(edge + bins.width)}`))];
  });
}

/** The distribution of an embedding's values. */
export function histogram(name: string, bins: Bins, counts: readonly number[], values: readonly number[],
                          threshold: number): HTMLElement {
  const highest = Math.max(...counts), mode = counts.indexOf(highest), edge = (bins.first + mode) * bins.width;
  const label = `Histogram of the ${name}: ${values.length} values from ${compact(Math.min(...values))} to ` +
                `${compact(Math.max(...values))}; the highest bar has ${highest} from ${compact(edge)} to ` +
                `${compact(edge + bins.width)}`;
  return h("figure", {class: "histogram"},
           h("figcaption", {}, h("b", {}, name), " ", h("small", {}, `${values.length} values, highest bar ${highest}`)),
           h("div", {class: "plot"},
             svg("svg", {role: "img", "aria-label": label, viewBox: "0 0 100 100", preserveAspectRatio: "none"},
                 areas(bins, threshold), count_bars(bins, counts, highest))),
           axis(bins));
}
