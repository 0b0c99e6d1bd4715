import {h} from "../../kit/dom";
import {matrix} from "../../kit/matrix";
import {plain} from "../../kit/numbers";
import {lede, section} from "../../kit/section";
import {table} from "../../kit/table";
import type {Evaluation} from "../../results";
import {short_number} from "./board";

interface MetricPair { first: string; second: string; value: number; }

const listed = 6;

/** Every pair of metrics once, in order of rising agreement. */
function pairs_of({metrics, agreement}: Evaluation): MetricPair[] {
  return metrics.flatMap(({name: first}, i) => metrics.slice(i + 1).flatMap(({name: second}, j) => {
    const value = agreement[i][i + 1 + j];
    return value === null ? [] : [{first, second, value}];
  })).sort((a, b) => a.value - b.value);
}

function pair_list(caption: string, pairs: readonly MetricPair[]): HTMLElement {
  return table(pairs, [{title: "", cell: ({first}) => first}, {title: "", cell: ({second}) => second},
                       {title: "", number: true, cell: ({value}) => short_number(value)}],
               {caption, label: caption, class: "pairs"});
}

/** Which metrics rank the methods alike. */
export function agreement_section(result: Evaluation): HTMLElement | null {
  const {agreement, metrics} = result;
  if (agreement.length === 0) return null;
  const pairs = pairs_of(result), names = metrics.map(({name}) => name);
  return section("Which metrics agree",
    lede("Rank correlation of two metrics over the methods: 1 if they rank the methods in the same order, 0 if their rankings are unrelated, −1 if they rank them in the opposite order."),
    h("div", {class: "tables"}, pair_list("Least agreement", pairs.slice(0, listed)),
      pair_list("Most agreement", pairs.slice(-listed).reverse())),
    lede("All pairs, in hundredths (87 is 0.87). Red is agreement, blue with a minus sign is disagreement; the lines separate the categories."),
    h("div", {class: "agreement"}, matrix({
      rows: names, columns: names, values: agreement, limit: 1, turned: true, label: "Agreement of the metrics",
      begins: (index) => index > 0 && metrics[index].category !== metrics[index - 1].category,
      format: (value) => plain(100 * value, 0),
      title: (row, column) => {
        const value = agreement[row][column];
        return `${names[row]}, ${names[column]}: ${value === null ? "none" : short_number(value)}`;
      }})));
}
