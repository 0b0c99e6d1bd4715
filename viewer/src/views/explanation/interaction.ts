import {h} from "../../kit/dom";
import {matrix} from "../../kit/matrix";
import {beside_largest, compact, largest, scientific, signed} from "../../kit/numbers";
import {figure, figures, lede, section} from "../../kit/section";
import {small_map} from "../../kit/small_map";
import {table} from "../../kit/table";
import type {Explanation} from "../../results";
import type {MapView} from "./map_view";
import {number, sum, unit_of} from "./units";

type Interaction = NonNullable<Explanation["interaction"]>;

const others = 3;   // columns after the regions: class token, positions, biases
const narrow = 6;   // more regions have upright names

/** Columns of the word × region matrix that a patch belongs to. Without regions, every patch is a column. */
export function columns_of_patch({interaction, regions}: Explanation, patch: number): number[] {
  if (!interaction) return [];
  if (!regions) return patch < interaction.regions.length - others ? [patch] : [];
  return regions.filter(({patches}) => patches.includes(patch)).map(({name}) => interaction.regions.indexOf(name)).filter((at) => at >= 0);
}

function region_matrix(result: Explanation, view: MapView, interaction: Interaction): HTMLElement {
  const {words, regions, contributions, word_sums, region_sums} = interaction, width = regions.length;
  const rows = [...words.map((_, row) => contributions.slice(row * width, (row + 1) * width)), region_sums];
  const names = [...words, "all words"], limit = largest([...contributions, ...region_sums]);
  const patches = (column: number) => result.regions?.find(({name}) => name === regions[column])?.patches ?? [];
  const total = (value: number) => number(value, signed(value, 3));
  return matrix({rows: names, columns: regions, values: rows, limit, turned: width > narrow + others, label: "Contributions by word and region",
                 format: (value) => beside_largest(value, limit),
                 title: (row, column) => `${names[row]}, ${regions[column]}: ${signed(rows[row][column])}`,
                 totals: [{name: "all", cells: [...word_sums, interaction.sum].map(total)}],
                 on_choose: (_, column) => {
                   view.highlight(patches(column));
                   if (patches(column).length > 0) view.scroll_to();
                 }});
}

/** One map for each word, where every patch is a column of its own. */
function word_maps(result: Explanation, view: MapView, interaction: Interaction): HTMLElement {
  const {words, regions, contributions, word_sums} = interaction, width = regions.length, count = width - others;
  const row_of = (row: number) => contributions.slice(row * width, (row + 1) * width);
  const limit = largest(words.map((_, row) => largest(row_of(row).slice(0, count))));
  const maps = words.map((word, row) => {
    const values = row_of(row).slice(0, count);
    const map = small_map({image: view.context.image, grid: result.image.grid, values, limit, selection: view.context.selection,
                           label: `Contributions of the patches with ${word}`, on_choose: () =>
                             view.show({name: `the patches with ${word}`, values, limit, signed: true, in_units: true, parts: true})});
    return figure(map, [h("b", {}, word), " patches ", number(sum(values))]);
  });
  const rest = table(words, [
    {title: "word", cell: (word) => word},
    ...regions.slice(count).map((name, i) => ({title: name, number: true, cell: (_: string, row: number) => signed(row_of(row)[count + i])})),
    {title: "all", number: true, cell: (_, row) => number(word_sums[row])}], {label: "Contributions without a patch, by word"});
  return h("div", {}, figures(maps, 200),
           h("p", {class: "under"}, `All maps have one scale: full colour is ±${compact(limit, 3)} ${unit_of(result)}.`), rest);
}

/** Word × region: how much each word and each region contribute together. */
export function interaction_section(result: Explanation, view: MapView): HTMLElement | null {
  const {interaction} = result;
  if (!interaction) return null;
  const by_regions = result.regions !== null;
  return section(by_regions ? "Words and regions" : "Words and patches",
    lede(`How much each word and each ${by_regions ? "region" : "patch"} contribute together, in ${unit_of(result)}. All entries add up to the ` +
         `${result.target.unit}. `, by_regions ? "Choose a cell to see its region on the image." : "Choose a map to see it on the large image."),
    by_regions ? region_matrix(result, view, interaction) : word_maps(result, view, interaction),
    h("p", {class: "under"}, "Red in favour, blue against. ", `Sum ${signed(interaction.sum)}, residual ${scientific(interaction.residual)}.`));
}
