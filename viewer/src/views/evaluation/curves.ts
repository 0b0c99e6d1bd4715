import {h, svg} from "../../kit/dom";
import {ChartLine, line_chart} from "../../kit/line_chart";
import {fold, lede, section} from "../../kit/section";
import type {Evaluation} from "../../results";
import {short_number} from "./board";

type Curve = Evaluation["curves"][number];
type Point = [number, number];

function points(curve: Curve, values: readonly number[] | undefined): Point[] {
  return (values ?? []).map((value, i): Point => [curve.fractions[i], value]);
}

/** The range of all lines, with zero. */
function range_of(curve: Curve): [number, number] {
  const all = [0, ...curve.most_first.flat(), ...curve.least_first.flat()];
  const least = Math.min(...all), most = Math.max(...all);
  return [least, most > least ? most : least + 1];
}

function panel(result: Evaluation, curve: Curve, at: number, range: [number, number], chance: readonly ChartLine[]): HTMLElement | null {
  const most = points(curve, curve.most_first[at]), least = points(curve, curve.least_first[at]);
  if (most.length + least.length === 0) return null;
  const {name, baseline} = result.methods[at];
  const height = (what: string, mean: number | null) => mean === null ? [] : [`${what} ${short_number(mean)}`];
  const summary = [...height("most first", curve.most_first_mean[at]), ...height("least first", curve.least_first_mean[at])].join(", ");
  const chart = line_chart({
    lines: [...chance, {name: "least relevant first", points: least, class: "least-first"},
            {name: "most relevant first", points: most, class: "most-first"}],
    band: most.length && least.length ? {lower: most, upper: least, name: "area between the curves"} : undefined,
    title: [name, h("small", {}, summary)], label: `${name}: ${summary}`, x: "", y: "", x_range: [0, 1], y_range: range,
    width: 190, height: 116, bare: true});
  if (baseline) chart.classList.add("baseline");
  return chart;
}

/** The first baseline that has both lines of this curve. */
function baseline_of(result: Evaluation, curve: Curve): number {
  return result.methods.findIndex(({baseline}, at) => baseline && curve.most_first[at]?.length > 0 && curve.least_first[at]?.length > 0);
}

function key_entry(line: string, name: string): HTMLElement {
  return h("li", {}, svg("svg", {class: `line ${line}`, viewBox: "0 0 34 10", "aria-hidden": "true"}, svg("path", {d: "M0 5H34"})), name);
}

function panels(result: Evaluation, curve: Curve): HTMLElement {
  const random = baseline_of(result, curve), range = range_of(curve);
  const by_chance = random < 0 ? [] : [curve.most_first[random], curve.least_first[random]].map((values): ChartLine =>
    ({name: `${result.methods[random].name}, both orders`, points: points(curve, values), class: "by-chance"}));
  return h("div", {},
    h("ul", {class: "key"}, key_entry("most-first", "most relevant first"), key_entry("least-first", "least relevant first"),
      random < 0 ? null : key_entry("by-chance", `${result.methods[random].name}, both orders`)),
    h("div", {class: "panels"}, result.ranking.overall.order.map((at) => panel(result, curve, at, range, by_chance))));
}

/** Removal curves: a panel for each method and fill. */
export function curves_section(result: Evaluation): HTMLElement | null {
  const {curves} = result;
  if (curves.length === 0) return null;
  return section("Removal curves",
    lede("The target’s value by the fraction of patches removed in the order of the map. With a good map, it falls early if the most relevant patches are removed first, and late if the least relevant are removed first: the larger the area between the two curves, the better. There is one panel per row, in the order of “All methods”, on the same axes; the numbers are the mean heights of the curves."),
    curves.map((curve, at) => fold(curve.name, () => panels(result, curve), at === 0)));
}
