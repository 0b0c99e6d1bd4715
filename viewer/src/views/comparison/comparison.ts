import {contents} from "../../kit/contents";
import {h} from "../../kit/dom";
import {plain, signed} from "../../kit/numbers";
import {header, settings_table, tiles} from "../../kit/section";
import type {Comparison} from "../../results";
import type {ViewContext} from "../view";
import {agreement_section} from "./agreement";
import {ComparedMap, correlation, maps_of, unit_of} from "./compared_map";
import {costs_section} from "./costs";
import {common_scale, is_long, maps_section} from "./maps";
import {Pair} from "./pair";
import {regions_section} from "./regions";
import {pairs_section, words_section} from "./words";
import "../../../style/views/comparison.css";

/** A score explained by several methods. */
export function comparison_view(result: Comparison, context: ViewContext): HTMLElement {
  const maps = maps_of(result);
  const sections = [...maps.length ? map_sections(result, context, maps) : [], words_section(result), pairs_section(result, context)];
  return h("div", {class: `comparison ${is_long(result) ? "" : "small-maps"}`},
    header(result.headline, result.notes, summary(result, maps), contents(sections)), sections,
    h("section", {}, settings_table(result.settings)));
}

function map_sections(result: Comparison, context: ViewContext, maps: readonly ComparedMap[]): (HTMLElement | null)[] {
  const pair = new Pair(result, maps, context);
  const figures = maps_section(result, context, maps, pair), common = common_scale(result, context, maps);
  if (common) figures.append(common);
  return [pair.element, figures, costs_section(result), regions_section(result, maps, pair), agreement_section(result, maps, pair)];
}

/** The score, how many methods, and the one that is closest to the true effects. */
function summary(result: Comparison, maps: readonly ComparedMap[]): HTMLElement {
  const {kind, value} = result.target;
  const score = kind === "feature" ? signed(value) : kind === "contrast" ? signed(value, 2) : plain(value);
  const done = result.methods.length, all = result.requested_methods;
  const best = maps.reduce<ComparedMap | null>((first, map) =>
    (map.method?.removal_correlation ?? -Infinity) > (first?.method?.removal_correlation ?? -Infinity) ? map : first, null);
  return tiles([
    {label: "score", value: score, detail: unit_of(result)},
    {label: "methods with a map", value: String(done), detail: done < all ? `of ${all}` : undefined},
    ...best ? [{label: "closest to true removal", value: best.name, detail: correlation(best.method!.removal_correlation)}] : []]);
}
