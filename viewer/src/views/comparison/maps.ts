import {Child, h} from "../../kit/dom";
import {copy_of} from "../../kit/picture";
import {figure, figures, fold, lede, section} from "../../kit/section";
import {small_map} from "../../kit/small_map";
import {compact} from "../../kit/numbers";
import type {Comparison} from "../../results";
import type {ViewContext} from "../view";
import {ComparedMap, figures_of, source_of, unit_of, value_text, zero_note} from "./compared_map";
import type {Pair} from "./pair";

/** The least width of a figure: long images get wider ones. */
export function least_width(result: Comparison): number {
  return is_long(result) ? 420 : 200;
}

export function is_long({image: {grid: {area}}}: Comparison): boolean { return area.width > 2 * area.height; }

export function map_figure(result: Comparison, context: ViewContext, map: ComparedMap, caption: Child, limit?: number,
                           on_choose?: () => void): HTMLElement {
  const picture = small_map({image: context.image, grid: result.image.grid, values: map.values, limit: limit ?? map.limit,
                             label: on_choose ? `${map.name}: look closely` : `map of ${map.name}`,
                             selection: context.selection, format: (value) => value_text(map, value), on_choose});
  return figure(picture, caption);
}

const few = 16;  // methods that need no headings

/** Family names in the order of the methods. */
export function families_of(methods: readonly ComparedMap[]): string[] {
  return [...new Set(methods.map(({family}) => family))];
}

function caption_of(map: ComparedMap, unit: string, pair: Pair, with_family: boolean): Child {
  const beside = h("button", {type: "button", class: "link", "aria-label": `${map.name}: put beside`,
                              on: {click: () => pair.put_beside(map.at)}}, "put beside");
  return [h("p", {class: "named"}, h("span", {}, h("b", {}, map.name), " ", h("small", {}, with_family ? map.family : "")), beside),
          h("p", {class: zero_note(map) ? "zero" : undefined}, zero_note(map) || map.summary),
          h("p", {}, figures_of(map, unit)), source_of(map)];
}

/** Every map on a scale of its own, by family. */
export function maps_section(result: Comparison, context: ViewContext, maps: readonly ComparedMap[], pair: Pair): HTMLElement {
  const unit = unit_of(result), least = least_width(result), methods = maps.filter(({method}) => method);
  const one_grid = methods.length <= few;
  const shown = (map: ComparedMap) =>
    map_figure(result, context, map, caption_of(map, unit, pair, one_grid), undefined, () => pair.enlarge(map.at));
  const truth = maps.filter(({method}) => !method).map(shown);
  const plain = context.image ? [figure(cut_out(result, context.image), "the image")] : [];
  const first = [...plain, ...truth];
  const families = one_grid ? null : families_of(methods).map((family) => {
    const own = methods.filter((map) => map.family === family);
    return [h("h3", {class: "family"}, `${family} `, h("small", {}, own.length === 1 ? "1 method" : `${own.length} methods`)),
            figures(own.map(shown), least)];
  });
  return section("Every method on a scale of its own",
    lede("Full colour is the largest absolute value of each map, so colours of two maps cannot be compared; their patterns can. ",
         "“removal” is the rank correlation of the map with the true effect of removing each patch."),
    figures(one_grid ? [...first, ...methods.map(shown)] : first, least), families);
}

/** The part of the image that the maps show. */
function cut_out(result: Comparison, image: HTMLImageElement): HTMLElement {
  const {grid, width, height} = result.image, {area} = grid;
  const copy = copy_of(image)!;
  const percent = (value: number) => `${value.toFixed(4)}%`;
  for (const [property, value] of Object.entries({
    width: percent(100 * width / area.width), height: percent(100 * height / area.height),
    left: percent(-100 * area.left / area.width), top: percent(-100 * area.top / area.height)})) {
    copy.style.setProperty(property, value);
  }
  return h("div", {class: "cut-out", style: {"aspect-ratio": `${area.width} / ${area.height}`}}, copy);
}

/** Those in units of the score on one scale, folded. */
export function common_scale(result: Comparison, context: ViewContext, maps: readonly ComparedMap[]): HTMLElement | null {
  const own = maps.filter(({method, in_units}) => method && in_units);
  const limit = Math.max(0, ...own.map((map) => map.limit));
  if (own.length < 2 || limit <= 0) return null;
  const truth = maps.filter(({method}) => !method);
  return fold(`On one scale: the ${own.length} maps in units of the score`, () => [
    lede(`Full colour is ±${compact(limit)} ${unit_of(result)}.`),
    figures([...truth, ...own].map((map) => map_figure(result, context, map, map.name, limit)), least_width(result))]);
}
