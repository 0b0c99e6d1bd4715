import {Child, h, replace} from "../../kit/dom";
import {box_style, place} from "../../kit/grid";
import {controls, legend, LegendTexts} from "../../kit/legend";
import {descending, largest, map_value, percent} from "../../kit/numbers";
import {Outline} from "../../kit/outline";
import {Selection} from "../../kit/selection";
import {Stage, StageMap} from "../../kit/stage";
import type {Explanation} from "../../results";
import type {ViewContext} from "../view";
import {strongest_patches} from "./strongest";
import {number, parts_of_score, scroll_behaviour, unit_of} from "./units";

/** A map that the view shows: all sources, a head, or the residual stream between two blocks. */
export interface ShownMap extends StageMap {
  name: string;        // "all sources"
  in_units: boolean;   // of the target
  parts: boolean;      // of the score
  sentence?: Child;    // about the map
}

function whole_map({attribution}: Explanation, limit?: number): ShownMap {
  const {patches, signed, in_logits} = attribution;
  return {name: "all sources", values: patches, limit: limit || largest(patches), signed, in_units: in_logits,
          parts: parts_of_score(attribution)};
}

function legend_texts({signed, in_units}: ShownMap, unit: string): LegendTexts {
  return {unit: in_units ? unit : "the method’s own units", positive: signed ? "in favour" : "relevant", negative: "against"};
}

/** The large picture with legend, controls and strongest patches. It shows the whole map or a part of it. */
export class MapView {
  readonly element: HTMLElement;
  readonly stage: Stage;
  readonly whole: ShownMap;
  readonly pinned = new Selection();  // the patch that the drill-down is about
  private map: ShownMap;
  private ranks: number[] = [];
  private readonly texts: LegendTexts;
  private readonly name = h("p", {class: "shown"});
  private readonly strongest = h("div");
  private readonly outline: Outline;
  private readonly listeners: ((map: ShownMap, whole: boolean) => void)[] = [];

  constructor(private readonly result: Explanation, readonly context: ViewContext) {
    const {image} = result;
    this.map = this.whole = whole_map(result, context.limit);
    this.texts = legend_texts(this.map, unit_of(result));
    this.stage = new Stage(image.grid, image, context.image, this.map, context.selection);
    this.outline = new Outline(image.grid, image);
    this.stage.element.append(this.outline.element, this.pin_marker());
    this.listen();
    this.element = h("div", {class: `view ${image.width > 2 * image.height ? "stacked" : ""}`},
      h("div", {}, this.stage.element, this.name, this.tooltip()),
      h("div", {class: "map-panel"}, h("div", {}, legend(this.stage, this.texts), this.crop_note(), controls(this.stage)), this.strongest));
    this.show(this.whole);
  }

  get shown(): ShownMap { return this.map; }
  get is_whole(): boolean { return this.map === this.whole; }

  show(map: ShownMap): void {
    this.map = map;
    this.ranks = [];
    descending(map.values).forEach((patch, rank) => { this.ranks[patch] = rank + 1; });
    Object.assign(this.texts, legend_texts(map, unit_of(this.result)));
    if (this.stage.state.map !== map) this.stage.change({map});
    const back = h("button", {type: "button", class: "link", on: {click: () => this.show_all()}}, "back to all sources");
    replace(this.name, "Heatmap of ", h("b", {}, map.name), this.is_whole ? null : [" ", back]);
    replace(this.strongest, strongest_patches(this.result, map, this.context.selection, this.pinned));
    for (const act of this.listeners) act(map, this.is_whole);
  }

  show_all(): void {
    if (!this.is_whole) this.show(this.whole);
  }

  /** Calls `act` at every change of the map. */
  follow(act: (map: ShownMap, whole: boolean) => void): void { this.listeners.push(act); }

  /** Draws a line around these patches; none removes it. */
  highlight(patches: readonly number[]): void { this.outline.show(patches); }

  scroll_to(): void {
    this.stage.element.scrollIntoView({block: "nearest", behavior: scroll_behaviour()});
  }

  private listen(): void {
    const {element, selection} = this.stage;
    element.addEventListener("click", (event) => this.pin(this.stage.patch_under(event)));
    element.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.show_all();
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      this.pin(selection.patch);
    });
  }

  private pin(patch: number): void {
    if (patch >= 0) this.pinned.select(patch);
  }

  private pin_marker(): HTMLElement {
    const {grid} = this.stage, marker = h("div", {class: "cursor pinned", hidden: true});
    this.pinned.follow((patch) => {
      marker.hidden = patch < 0;
      const style = box_style(grid, this.stage.size, Math.floor(patch / grid.columns), patch % grid.columns, 1, 1);
      for (const [property, value] of Object.entries(style)) marker.style.setProperty(property, value);
    });
    return marker;
  }

  private tooltip(): HTMLElement {
    const line = h("p", {class: "tooltip", "aria-live": "polite"}), {selection} = this.stage;
    const read = () => replace(line, selection.patch < 0
      ? "Point at a patch to read its value, or focus the image and use the arrow keys. Click or press Enter to select the patch."
      : this.sentence(selection.patch));
    selection.follow(read);
    this.follow(read);
    return line;
  }

  private sentence(patch: number): Child {
    const {map} = this, value = map.values[patch], {target} = this.result;
    const part = map.parts ? percent(value, target.value) : "", count = map.values.length;
    const region = this.result.regions?.find(({patches}) => patches.includes(patch));
    const place_of = place(this.stage.grid, patch);
    return [place_of[0].toUpperCase() + place_of.slice(1), region ? ` (${region.name})` : "", ": ", number(value, map_value(value, map.signed)),
            part ? `, ${part} of the ${target.unit}` : "", `; number ${this.ranks[patch]} of ${count}.`];
  }

  private crop_note(): HTMLElement | null {
    const slack = 0.5;  // pixels
    const {width, height, grid: {area}} = this.result.image;
    if (area.width >= width - slack && area.height >= height - slack) return null;
    return h("p", {class: "under"}, "Grey: cropped, not seen by the model.");
  }
}

/** The same map on a small stage that stays in view beside a table. */
export function look_stage(view: MapView): HTMLElement {
  const {grid, size, image, state, selection} = view.stage, pixels = 240;
  const small = new Stage(grid, size, image ? image.cloneNode() as HTMLImageElement : null, state.map, selection, pixels);
  small.element.setAttribute("aria-label", "The same heatmap, small; arrow keys move from patch to patch");
  view.stage.follow(() => small.change({...view.stage.state}));
  small.element.addEventListener("click", (event) => {
    const patch = small.patch_under(event);
    if (patch >= 0) view.pinned.select(patch);
  });
  return small.element;
}

/** Makes an element of a table show its patches while it is pointed at or focused. */
export function highlights(view: MapView, element: HTMLElement, patches: readonly number[]): HTMLElement {
  for (const kind of ["pointerenter", "focusin"]) element.addEventListener(kind, () => view.highlight(patches));
  for (const kind of ["pointerleave", "focusout"]) element.addEventListener(kind, () => view.highlight([]));
  return element;
}
