import {h} from "../../kit/dom";
import {matrix} from "../../kit/matrix";
import {plain, signed} from "../../kit/numbers";
import {lede, section} from "../../kit/section";
import {table} from "../../kit/table";
import type {Comparison} from "../../results";
import {ComparedMap, correlation, removal_name} from "./compared_map";
import {families_of} from "./maps";
import type {Pair} from "./pair";

interface Agreement { first: ComparedMap; second: ComparedMap; value: number; }

const listed = 6;  // pairs in each list

/** The rank correlation of two of the maps; none if one is constant. */
function agreement_of(result: Comparison, a: ComparedMap, b: ComparedMap): number | null {
  if (a.method && b.method) return result.agreement[a.at]?.[b.at] ?? null;
  if (a === b) return a.limit > 0 ? 1 : null;
  return (a.method ?? b.method)!.removal_correlation;
}

function extremes(result: Comparison, methods: readonly ComparedMap[], pair: Pair): HTMLElement | null {
  const pairs: Agreement[] = methods.flatMap((first, i) => methods.slice(i + 1).flatMap((second) => {
    const value = agreement_of(result, first, second);
    return value === null ? [] : [{first, second, value}];
  })).sort((a, b) => a.value - b.value);
  if (pairs.length < 2 * listed) return null;
  const list = (caption: string, some: Agreement[]) => table(some, [
    {title: "", cell: ({first, second}) => h("button", {type: "button", class: "link", on: {click: () => {
      pair.put_beside(second.at);
      pair.enlarge(first.at);
    }}}, `${first.name}, ${second.name}`)},
    {title: "", number: true, cell: ({value}) => signed(value, 2)}], {caption, label: caption});
  return h("div", {class: "tables"}, list("Least agreement", pairs.slice(0, listed)),
           list("Most agreement", pairs.slice(-listed).reverse()));
}

/** Rank correlations of all maps, family by family. */
export function agreement_section(result: Comparison, maps: readonly ComparedMap[], pair: Pair): HTMLElement | null {
  const methods = maps.filter(({method}) => method);
  if (methods.length < 2) return null;
  const shown = [...maps.filter(({method}) => !method), ...by_family(methods)];
  const names = shown.map(({name, method}) => method ? method.attribution.method : name);
  const values = shown.map((row) => shown.map((column) => agreement_of(result, row, column)));
  const truth = shown[0].method ? "" : `, first with ${removal_name}`;
  return section("How far they agree",
    lede(`Rank correlation of two maps over the patches${truth}: 1 if they rank the patches in the same order, 0 if their rankings are unrelated, −1 if they rank them in the opposite order.`),
    extremes(result, methods, pair),
    lede("All pairs, in hundredths (87 is 0.87). Red is agreement, blue with a minus sign is disagreement; the lines separate the families. Choose a cell to see its two maps."),
    h("div", {class: "agreement"}, matrix({
      rows: names, columns: names, values, limit: 1, turned: true, label: "Agreement of the methods",
      begins: (index) => index > 0 && shown[index].family !== shown[index - 1].family,
      format: (value) => plain(100 * value, 0),
      title: (row, column) => `${names[row]}, ${names[column]}: ${correlation(values[row][column])}`,
      on_choose: (row, column) => {
        pair.put_beside(shown[column].at);
        pair.enlarge(shown[row].at);
      }})));
}

/** Methods of one family next to each other, families in the order in which they come first. */
function by_family(methods: readonly ComparedMap[]): ComparedMap[] {
  return families_of(methods).flatMap((family) => methods.filter((map) => map.family === family));
}
