import {h} from "../../kit/dom";
import {matrix} from "../../kit/matrix";
import {beside_largest, compact, largest, signed} from "../../kit/numbers";
import {lede, section} from "../../kit/section";
import type {Comparison} from "../../results";
import {ComparedMap} from "./compared_map";
import type {Pair} from "./pair";

const narrow = 8;  // more regions have upright names

/** A value of each region by each method. */
export function regions_section(result: Comparison, maps: readonly ComparedMap[], pair: Pair): HTMLElement | null {
  const {regions, empty_regions} = result;
  if (!regions) return null;
  const methods = maps.filter(({method}) => method);
  const values = methods.map(({method}) => method!.regions);
  const format = (row: number, value: number) => methods[row].signed ? signed(value, 3) : compact(value, 3);
  return section("By region",
    lede("Sums over the region’s patches, or means if a map has no unit. Colours compare the regions of one method: full colour is the largest absolute value of the row."),
    matrix({rows: methods.map(({name}) => name), columns: regions.map(({name}) => name), values,
            limit: (row) => largest(values[row]), turned: regions.length > narrow, label: "Values of the regions",
            format: (value, row) => beside_largest(value, largest(values[row])),
            title: (row, column) => `${methods[row].name}, ${regions[column].name}: ${format(row, values[row][column])}` +
                                    (methods[row].in_units ? "" : " (mean, no unit)"),
            on_choose: (row) => pair.enlarge(methods[row].at)}),
    empty_regions.length ? h("p", {class: "under"}, `Without a patch: ${empty_regions.join(", ")}.`) : null);
}
