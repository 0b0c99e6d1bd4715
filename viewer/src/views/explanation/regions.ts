import {track} from "../../kit/bars";
import {h} from "../../kit/dom";
import {largest, map_value, percent, sign_class, signed} from "../../kit/numbers";
import {lede, section} from "../../kit/section";
import {Column, table} from "../../kit/table";
import type {Explanation} from "../../results";
import {highlights, MapView} from "./map_view";
import {parts_of_score, sum, unit_of} from "./units";

type Region = NonNullable<Explanation["regions"]>[number];

/** Whether every patch is in one region exactly. */
function is_partition({regions, attribution}: Explanation): boolean {
  const all = (regions ?? []).flatMap(({patches}) => patches);
  return all.length === attribution.patches.length && new Set(all).size === all.length;
}

/** What the values are. */
function reading(result: Explanation): string {
  const {attribution} = result;
  if (attribution.region_statistic !== "sum") return "The mean of the map’s values over the region’s patches.";
  const whole = is_partition(result) ? ` The regions cover every patch once, so they add up to what the patches contribute: ${
                                         signed(sum(result.regions!.map(({contribution}) => contribution)))}.` : "";
  return `The sum of the contributions of the region’s patches, in ${unit_of(result)}.${whole}`;
}

function columns_of(result: Explanation, view: MapView, regions: readonly Region[]): Column<Region>[] {
  const limit = largest(regions.map(({contribution}) => contribution)), {attribution, target} = result;
  const both = attribution.signed, sums = attribution.region_statistic === "sum";
  const choose = (region: Region) => {
    view.highlight(region.patches);
    view.scroll_to();
  };
  return [
    {title: "region", sort: ({name}) => name,
     cell: (region) => h("button", {type: "button", class: "link", on: {click: () => choose(region)}}, region.name)},
    {title: h("span", {class: "hidden"}, "bar"), cell: ({contribution}) => track(contribution, limit, both)},
    {title: "patches", number: true, cell: ({patches}) => patches.length, sort: ({patches}) => patches.length},
    {title: sums ? "contribution" : "mean value", number: true, cell: ({contribution}) => map_value(contribution, both),
     sort: ({contribution}) => contribution, class: ({contribution}) => sign_class(contribution)},
    ...parts_of_score(attribution) && sums
        ? [{title: `of the ${target.unit}`, number: true, cell: ({contribution}: Region) => percent(contribution, target.value),
            class: () => "faint"}] : []];
}

/** A value of each region. Pointing at a row shows the region on the image. */
export function regions_section(result: Explanation, view: MapView): HTMLElement | null {
  const {regions, empty_regions} = result;
  if (!regions) return null;
  const sorted = [...regions].sort((a, b) => b.contribution - a.contribution);
  const element = table(sorted, columns_of(result, view, sorted), {class: "with-bars regions-table", label: "Regions", sorted: 3});
  // The rows are in the order of the regions until the reader sorts them, which moves the same elements.
  element.querySelectorAll<HTMLElement>("tbody tr").forEach((row, i) => highlights(view, row, sorted[i].patches));
  return section("Regions", lede(reading(result), " Point at a row to see the region on the image."), element,
                 empty_regions.length ? h("p", {class: "under"}, `Without a patch: ${empty_regions.join(", ")}.`) : null);
}
