import {heat_gradient} from "./colours";
import {h} from "./dom";
import {clamp, tick} from "./numbers";
import {Style} from "./paint";
import {Stage} from "./stage";

export interface LegendTexts {
  unit: string;                // "logits"
  positive: string;            // "for the target"
  negative: string;            // "against it"; not shown for unsigned maps
}

/** The colour scale of a stage, with a marker at the selected patch's value. */
export function legend(stage: Stage, texts: LegendTexts): HTMLElement {
  const marker = h("i", {hidden: true});
  const bar = h("div", {class: "bar"}, marker);
  const least = h("span"), zero = h("span", {}, "0"), most = h("span");
  const words = h("p");
  const box = h("div", {class: "legend"}, bar, h("div", {class: "ticks"}, least, zero, most), words);
  const update = () => {
    const {map, style} = stage.state, limit = stage.limit;
    const black = map.signed ? "linear-gradient(90deg, #000 50%, #fff)" : "linear-gradient(90deg, #000, #fff)";
    bar.style.setProperty("background", style === "multiply" ? black : `${heat_gradient(map.signed ? -1 : 0)}, #fff`);
    least.textContent = map.signed ? tick(-limit) : "0";
    zero.hidden = !map.signed;
    most.textContent = limit > 0 && !map.signed ? tick(limit).replace("+", "") : tick(limit);
    words.textContent = map.signed ? `${texts.unit}: red ${texts.positive}, blue ${texts.negative}`
                                   : `${texts.unit}: the stronger the colour, the more ${texts.positive}`;
    if (style === "multiply") words.textContent = `${texts.unit}: bright ${texts.positive}; zero and below are black`;
    const patch = stage.selection.patch;
    marker.hidden = patch < 0 || limit <= 0;
    if (marker.hidden) return;
    const scaled = clamp(map.values[patch] / limit, -1, 1);
    marker.style.setProperty("left", `${map.signed ? 50 * (scaled + 1) : 100 * Math.max(scaled, 0)}%`);
  };
  stage.follow(update);
  stage.selection.follow(update);
  update();
  return box;
}

function slider(name: string, value: number, least: number, act: (part: number) => void): HTMLElement {
  const output = h("output", {}, `${value} %`);
  const input = h("input", {type: "range", min: least, max: 100, value});
  input.addEventListener("input", () => {
    output.textContent = `${input.value} %`;
    act(Number(input.value) / 100);
  });
  return h("label", {class: "slider"}, h("span", {}, name), input, output);
}

function checkbox(name: string, checked: boolean, act: (checked: boolean) => void): HTMLElement {
  const input = h("input", {type: "checkbox", checked});
  input.addEventListener("change", () => act(input.checked));
  return h("label", {class: "switch"}, input, ` ${name}`);
}

/** Heatmap on and off, grey image, style, opacity and full scale of a stage. */
export function controls(stage: Stage): HTMLElement {
  const group = `style-${++groups}`;
  const radios = (["blend", "multiply", "cells"] as Style[]).map((style) => {
    const input = h("input", {type: "radio", name: group, value: style, checked: style === stage.state.style});
    input.addEventListener("change", () => stage.change({style}));
    return h("label", {}, input, h("span", {}, style));
  });
  return h("div", {class: "controls"},
           h("div", {class: "switches"}, checkbox("heatmap", true, (shown) => stage.change({shown})),
             checkbox("grey image", false, (grey) => stage.change({grey}))),
           h("fieldset", {class: "styles"}, h("legend", {}, "Style"), radios),
           slider("opacity", Math.round(100 * stage.state.opacity), 0, (opacity) => stage.change({opacity})),
           slider("full scale", 100, 5, (zoom) => stage.change({zoom})));
}
let groups = 0;
