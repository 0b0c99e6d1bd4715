import {checkbox} from "../../kit/choice";
import {h} from "../../kit/dom";
import {place} from "../../kit/grid";
import {legend} from "../../kit/legend";
import {largest, plain, sign_class, signed} from "../../kit/numbers";
import {copy_of} from "../../kit/picture";
import {section} from "../../kit/section";
import {Stage, tooltip} from "../../kit/stage";
import type {Tracing} from "../../results";
import type {ViewContext} from "../view";
import {contributions_table} from "./contributions";
import type {Variant} from "./variants";

interface Shown { variant: Variant; patches: readonly number[]; stage: Stage; figure: HTMLElement; }

const headings = {"published, float32": "As published, in float32", "published, float64": "As published (float64)",
                  "mended": "Mended"};

function shown_map(result: Tracing, variant: Variant, context: ViewContext): Shown[] {
  if (!variant.map) return [];
  const {patches, sum} = variant.map, {unit, value} = result.target;
  const stage = new Stage(result.image.grid, result.image, copy_of(context.image),
                          {values: patches, limit: largest(patches), signed: true}, context.selection);
  stage.change({style: "cells"});
  const rounding = variant.rules === "published, float32" ? " Rounding decides these values." : "";
  const figure = h("figure", {hidden: variant.rules === "published, float32"},
                   h("h3", {}, headings[variant.rules]), stage.element,
                   legend(stage, {unit: unit === "logit" ? "logits" : unit, positive: "for the target", negative: "against it"}),
                   h("figcaption", {}, `All contributions add up to ${plain(sum, 4)}; the model computes ` +
                                       `${plain(value, 4)}.${rounding}`));
  return [{variant, patches, stage, figure}];
}

/** What the maps have at a patch. */
function read(result: Tracing, maps: readonly Shown[], patch: number): (Node | string)[] {
  const shown = maps.filter(({figure}) => !figure.hidden);
  return [`${place(result.image.grid, patch)}: `, ...shown.flatMap(({variant, patches}, i) => [
    i > 0 ? ", " : "", `${variant.rules} `, h("b", {class: sign_class(patches[patch])}, signed(patches[patch]))])];
}

/** The maps side by side, by default on one scale, and what they add up to. */
export function maps_section(result: Tracing, context: ViewContext): HTMLElement {
  const first = result.variants.filter(({rules}) => rules !== "published, float32");
  const others = result.variants.filter(({rules}) => rules === "published, float32");  // hidden at first
  const maps = [...first, ...others].flatMap((variant) => shown_map(result, variant, context));
  const float32 = maps.find(({variant}) => variant.rules === "published, float32");
  let own = false;
  const rescale = () => {
    const shown = maps.filter(({figure}) => !figure.hidden);
    const common = context.limit ?? largest(shown.flatMap(({patches}) => patches));
    for (const {stage, patches} of shown) stage.show({values: patches, limit: own ? largest(patches) : common});
  };
  rescale();
  const switches = h("div", {class: "switches"},
    maps.length < 2 ? null : checkbox("own scale for each map", false, (checked) => {
      own = checked;
      rescale();
    }),
    !float32 ? null : checkbox("also the published rules in float32", false, (checked) => {
      float32.figure.hidden = !checked;
      rescale();
    }));
  return section(`Contribution of each patch, in units of the ${result.target.unit}`, switches,
                 h("div", {class: "maps"}, maps.map(({figure}) => figure)),
                 maps.length ? tooltip(maps[0].stage, "Point at a patch, or use the arrow keys, to read its contributions.",
                                       (patch) => read(result, maps, patch)) : null,
                 contributions_table(result));
}
