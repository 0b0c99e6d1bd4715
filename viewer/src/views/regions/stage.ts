import {checkbox, choice} from "../../kit/choice";
import {h, replace} from "../../kit/dom";
import {place} from "../../kit/grid";
import {controls, legend} from "../../kit/legend";
import {largest, sign_class, signed} from "../../kit/numbers";
import {copy_of} from "../../kit/picture";
import {section} from "../../kit/section";
import {Stage, tooltip} from "../../kit/stage";
import type {ViewContext} from "../view";
import {outlines} from "./outlines";
import {owners_of, RegionState} from "./state";

/** The contributions to the chosen target by patch: all patches of a region have its value. */
function values_of({result, target}: RegionState, owners: readonly number[]): number[] {
  const {contributions} = result.targets[target];
  return owners.map((owner) => owner < 0 ? 0 : contributions[owner]);
}

/** The choice of the target, with its value. */
function target_choice(state: RegionState, {actions}: ViewContext): HTMLElement {
  const {order, targets, unit, settings} = state.result, value = h("p", {class: "value"});
  const names = order.map((target) => targets[target].name);
  const select = choice("target", names, order.indexOf(state.target), (at) => state.choose(order[at]));
  const update = () => {
    const target = targets[state.target];
    select.querySelector("select")!.selectedIndex = order.indexOf(state.target);
    replace(value, `${unit} `, h("b", {class: sign_class(target.value)}, signed(target.value)));
  };
  state.follow(update);
  update();
  const classes = settings.some(([name]) => name === "classes");
  const explain = actions && classes ? h("button", {type: "button", class: "link", on: {
    click: () => actions.explain_class(targets[state.target].name)}}, "explain this class patch by patch") : null;
  return h("div", {}, select, value, explain);
}

/** The image with its regions, coloured by their contributions to the chosen target. */
export function stage_section(state: RegionState, context: ViewContext): HTMLElement {
  const {result} = state, {grid} = result.image, owners = owners_of(result);
  const map = () => {
    const values = values_of(state, owners);
    return {values, limit: context.limit ?? largest(values), signed: true};
  };
  const stage = new Stage(grid, result.image, copy_of(context.image), map(), context.selection);
  stage.change({style: "cells", opacity: 0.6});
  const lines = outlines(result, owners);
  stage.element.append(lines.element);
  state.follow(() => {
    stage.show(map());
    lines.mark(state.region);
  });
  context.selection.follow((patch) => state.choose(state.target, patch < 0 ? -1 : owners[patch]));
  const read = (patch: number) => {
    const owner = owners[patch], target = result.targets[state.target];
    if (owner < 0) return [`${place(grid, patch)}: in no region`];
    const value = target.contributions[owner];
    return [`${place(grid, patch)}, ${result.sources[owner].name}: `, h("b", {class: sign_class(value)}, signed(value)),
            ` to “${target.name}”`];
  };
  const unit = result.unit === "logit" ? "logits" : result.unit;
  const outlined = checkbox("outlines", true, (shown) => { lines.element.style.setProperty("display", shown ? "" : "none"); });
  return section("Contribution of each region",
                 h("div", {class: "view"},
                   h("div", {}, stage.element,
                     tooltip(stage, "Point at a region, or use the arrow keys, to read its contribution.", read)),
                   h("div", {}, target_choice(state, context),
                     legend(stage, {unit, positive: "for the target", negative: "against it"}), controls(stage), outlined)));
}
