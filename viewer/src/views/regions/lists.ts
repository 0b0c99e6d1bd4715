import {bars} from "../../kit/bars";
import {h, replace} from "../../kit/dom";
import {first_of} from "../../kit/more";
import {largest} from "../../kit/numbers";
import {lede, section} from "../../kit/section";
import {waterfall, WaterfallEntry} from "../../kit/waterfall";
import type {RegionState} from "./state";

const few = 12;
const incomplete = 1e-3;  // a larger completeness error is not rounding

function side(state: RegionState, name: string, kind: string, indices: readonly number[], limit: number): HTMLElement {
  const {contributions} = state.result.targets[state.target], {sources} = state.result;
  const button = (region: number) => h("button", {
    type: "button", class: "region", "data-region": region, on: {
      mouseenter: () => state.choose(state.target, region), focus: () => state.choose(state.target, region),
      click: () => state.choose(state.target, region)}}, sources[region].name);
  const build = (count: number) => bars(
    indices.slice(0, count).map((region) => ({name: button(region), value: contributions[region]})),
    {caption: `${name} (${indices.length})`, limit, signed: false});
  return h("div", {class: kind}, indices.length ? first_of(indices.length, few, build, "regions")
                                                : h("p", {class: "faint"}, `${name}: no region`));
}

/** Regions with positive and with negative contributions to the chosen target. */
export function lists_section(state: RegionState): HTMLElement {
  const box = h("div", {class: "sides"});
  let shown = -1;
  const mark = () => {
    for (const button of box.querySelectorAll("[data-region]")) {
      const chosen = button.getAttribute("data-region") === String(state.region);
      button.closest("li")?.classList.toggle("chosen", chosen);
    }
  };
  const update = () => {
    if (shown !== state.target) {
      shown = state.target;
      const {name, positive, negative, contributions} = state.result.targets[shown];
      const limit = largest(contributions.slice(0, state.result.regions));
      replace(box, side(state, `For “${name}”`, "for", positive, limit),
              side(state, `Against “${name}”`, "against", negative, limit));
    }
    mark();
  };
  state.follow(update);
  update();
  return section("For and against", box);
}

/** From zero to the target: the regions together, and what is on none of them. */
export function sum_section(state: RegionState): HTMLElement {
  const {result} = state, box = h("div");
  let shown = -1;
  const update = () => {
    if (shown === state.target) return;
    shown = state.target;
    const {value, contributions, positive, negative} = result.targets[shown];
    const sum = (values: readonly number[]) => values.reduce((all, one) => all + one, 0), total = sum(contributions);
    const entry = (source: number): WaterfallEntry => ({name: result.sources[source].name, value: contributions[source]});
    const others = contributions.slice(result.regions).map((_, i) => entry(result.regions + i));
    replace(box, waterfall({
      entries: [{name: `${result.regions} regions`, value: sum(contributions.slice(0, result.regions)),
                 members: [...positive, ...negative].map(entry)}, ...others],
      quantity: result.unit, column: "source", value, sum: total, residual: value - total}));
  };
  state.follow(update);
  update();
  const caution = result.completeness_error > incomplete
    ? " The contributions of this run do not add up: the sum departs from the embedding by more than rounding." : "";
  return section("From zero to the target",
                 lede("The regions together, and what is on none of them. Each bar begins where the one above it ends.",
                      caution), box);
}
