import {choice} from "../../kit/choice";
import {h, replace} from "../../kit/dom";
import {lede, section} from "../../kit/section";
import type {Evaluation} from "../../results";
import {Row, short_number} from "./board";

interface Interval { low: number; high: number; value: number; }

function interval_of(row: Row, metric: number): Interval | null {
  const {value, low, high} = row.values[metric];
  return value === null ? null : {value, low: low ?? value, high: high ?? value};
}

/** The methods with a value, the best first; of a metric that is not ranked the largest value first. */
function order_of(result: Evaluation, metric: number): number[] {
  const {ranks} = result.ranking.metrics[metric], value = (at: number) => result.methods[at].values[metric].value;
  return Array.from(result.methods.keys()).filter((at) => value(at) !== null)
      .sort((a, b) => (ranks[a] ?? 0) - (ranks[b] ?? 0) || value(b)! - value(a)! || a - b);
}

/** Positions in percent of the range of all intervals. */
function scale_of(intervals: readonly Interval[]): (value: number) => number {
  const least = Math.min(...intervals.map(({low}) => low)), most = Math.max(...intervals.map(({high}) => high));
  return (value) => most > least ? 100 * (value - least) / (most - least) : 50;
}

function drawn(result: Evaluation, metric: number): HTMLElement {
  const order = order_of(result, metric), {ranks} = result.ranking.metrics[metric];
  const intervals = order.map((at) => interval_of(result.methods[at], metric)!), place = scale_of(intervals);
  const random = order.find((at) => result.methods[at].baseline && ranks[at] !== null);
  const chance = random === undefined ? null : intervals[order.indexOf(random)];
  const band = chance ? {left: `${place(chance.low)}%`, width: `${Math.max(0.2, place(chance.high) - place(chance.low))}%`} : null;
  const line = (at: number, i: number) => {
    const {low, high, value} = intervals[i], {name, baseline} = result.methods[at];
    return h("li", {class: baseline ? "baseline" : undefined}, h("b", {}, name),
      h("div", {class: "range"}, band ? h("span", {class: "chance", style: band}) : null,
        h("i", {style: {left: `${place(low)}%`, width: `${place(high) - place(low)}%`}}), h("u", {style: {left: `${place(value)}%`}})),
      h("span", {}, short_number(value), h("small", {}, ` ${short_number(low)} … ${short_number(high)}`)));
  };
  const {higher_is_better, ranked, description} = result.metrics[metric];
  return h("div", {}, lede(`${description}. ${!ranked ? "Not ranked" : higher_is_better ? "Higher is better" : "Lower is better"}.` +
                           (random === undefined ? "" : ` Shaded: the interval of the best baseline, ${result.methods[random].name}.`)),
           order.length ? h("ol", {class: "intervals"}, order.map(line)) : h("p", {class: "faint"}, "No method has a value."));
}

/** The values and intervals of one metric, which the reader chooses. */
export function closely_section(result: Evaluation): HTMLElement | null {
  const {metrics} = result;
  if (metrics.length === 0) return null;
  const first = Math.max(0, metrics.findIndex(({name}) => name === "srg"));
  const box = h("div", {}, drawn(result, first));
  return section("One metric at a time",
    choice("Metric", metrics.map(({name}) => name), first, (metric) => replace(box, drawn(result, metric))), box);
}
