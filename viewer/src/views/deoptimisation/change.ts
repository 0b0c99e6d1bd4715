import {h, replace} from "../../kit/dom";
import {place} from "../../kit/grid";
import {controls, legend} from "../../kit/legend";
import {sign_class, signed} from "../../kit/numbers";
import {copy_of} from "../../kit/picture";
import {figure, figures, section} from "../../kit/section";
import {small_map} from "../../kit/small_map";
import {Stage, tooltip} from "../../kit/stage";
import type {Deoptimisation} from "../../results";
import type {ViewContext} from "../view";
import {change_maps, ChangeMaps} from "./maps";
import {pixel_canvas} from "./pixels";

/** A map for each reduction that has one; each is a button that shows it large. */
function thumbnails(changes: ChangeMaps, context: ViewContext, choose: (at: number) => void): HTMLElement[] {
  const buttons: HTMLElement[] = [];
  return changes.maps.flatMap(({name, no_map, map}, at) => {
    if (no_map) return [];
    const button = small_map({
      image: context.image, grid: changes.grid, values: map.values, limit: map.limit, selection: changes.selection,
      label: `Show the ${name} large`, on_choose: () => {
        choose(at);
        for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
      }});
    buttons.push(button);
    button.setAttribute("aria-pressed", String(at === changes.checked));
    return [figure(button, name)];
  });
}

function edited(result: Deoptimisation, context: ViewContext): HTMLElement | null {
  const pixels = result.detail?.edited, caption = "the changed image";
  const label = "The image as the first run changed it", address = context.pictures.edited;
  if (pixels && pixels.width > 0) return figure(pixel_canvas(pixels, label), caption);
  return address ? figure(h("img", {class: "pixels", src: address, alt: label}), caption) : null;
}

/** The change by every reduction of the channels: one large, all of them small below. */
export function change_section(result: Deoptimisation, context: ViewContext): HTMLElement {
  const changes = change_maps(result, context), {maps, grid, selection, checked} = changes;
  const stage = new Stage(grid, result.image, copy_of(context.image), maps[checked].map, selection);
  const caption = h("p", {class: "shown"});
  const show = (at: number) => {
    stage.show(maps[at].map);
    replace(caption, "Shown: ", h("b", {}, maps[at].name));
  };
  show(checked);
  const cell = result.variable === "pixels" && grid !== result.image.grid ? "pixel" : "patch";
  const read = (patch: number) => {
    const value = stage.state.map.values[patch];
    return [`${place(grid, patch)}: change `, h("b", {class: stage.state.map.signed ? sign_class(value) : ""}, signed(value))];
  };
  const texts = {unit: "change", negative: "below zero",
                 get positive() { return stage.state.map.signed ? "above zero" : "change"; }};
  return section("Change",
                 h("div", {class: "view"},
                   h("div", {}, stage.element,
                     tooltip(stage, `Point at a ${cell}, or use the arrow keys, to read its change.`, read)),
                   h("div", {}, caption, legend(stage, texts), controls(stage))),
                 figures([...thumbnails(changes, context, show), edited(result, context)], 150),
                 maps.filter(({no_map}) => no_map).map(({name, no_map}) =>
                   h("p", {class: "under"}, `No map of the ${name}, because ${no_map}.`)));
}
