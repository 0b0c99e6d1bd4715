import {h, replace} from "./dom";
import {box_style, Grid, moved, patch_at, Size} from "./grid";
import {clamp, descending, largest} from "./numbers";
import {paint, Style} from "./paint";
import {Selection} from "./selection";

/** A map that the stage can show. */
export interface StageMap {
  values: readonly number[];
  limit: number;    // units at full colour
  signed: boolean;  // whether values can be negative
}

/** The state that stage, legend and controls share. */
export interface StageState {
  map: StageMap;
  style: Style;
  opacity: number;  // 0 to 1
  zoom: number;     // part of map.limit at full colour
  shown: boolean;   // the heatmap
  grey: boolean;    // the image without colours
}

const widest = 6;  // displayed aspect ratio; longer images are squeezed so that they stay visible

/** The large picture: image, map, the cropped parts veiled, a cursor. Arrow keys move the cursor. */
export class Stage {
  readonly element: HTMLElement;
  readonly selection: Selection;
  readonly state: StageState;
  private readonly heat = h("canvas", {class: "heat", "aria-hidden": "true"});
  private readonly cursor = h("div", {class: "cursor", hidden: true});
  private readonly listeners: (() => void)[] = [];

  constructor(readonly grid: Grid, readonly size: Size, readonly image: HTMLImageElement | null, map: StageMap,
              selection = new Selection(), private readonly longest?: number) {
    this.selection = selection;
    this.state = {map, style: "blend", opacity: 0.85, zoom: 1, shown: true, grey: false};
    const aspect = clamp(size.width / size.height, 1 / widest, widest);
    this.element = h("div", {class: "stage", tabindex: 0, role: "application",
                             "aria-label": "Image with heatmap; arrow keys move from patch to patch",
                             style: {"--aspect": aspect}},
                     image, this.veils(), this.heat, this.cursor);
    for (const [property, value] of Object.entries(box_style(grid, size))) {
      this.heat.style.setProperty(property, value);
    }
    this.listen();
    selection.follow((patch) => this.mark(patch));
    this.repaint();
  }

  /** Units at full colour. */
  get limit(): number {
    const {map, style, zoom} = this.state;
    const most = map.values.reduce((a, b) => Math.max(a, b), 0);
    return zoom * (style === "multiply" ? Math.min(most, map.limit) : map.limit);
  }

  /** Shows another map; its limit is by default the largest |value|. */
  show(map: {values: readonly number[]; limit?: number; signed?: boolean}): void {
    this.change({map: {values: map.values, limit: map.limit ?? largest(map.values), signed: map.signed ?? true}});
  }

  change(state: Partial<StageState>): void {
    Object.assign(this.state, state);
    this.repaint();
    for (const act of this.listeners) act();
  }

  /** Calls `act` after every change of the state. */
  follow(act: () => void): void { this.listeners.push(act); }

  /** The patch under a pointer; −1 outside of the grid. */
  patch_under(event: {clientX: number; clientY: number}): number {
    const box = this.element.getBoundingClientRect();
    return patch_at(this.grid, (event.clientX - box.left) / box.width * this.size.width,
                    (event.clientY - box.top) / box.height * this.size.height);
  }

  private repaint(): void {
    const {map, style, opacity, shown, grey} = this.state;
    paint(this.heat, {grid: this.grid, values: map.values, limit: this.limit}, style, this.longest);
    this.heat.style.setProperty("opacity", String(opacity));
    this.heat.hidden = !shown;
    this.element.classList.toggle("multiply", style === "multiply");
    this.element.classList.toggle("grey", grey);
  }

  private listen(): void {
    this.element.addEventListener("pointermove", (event) => this.selection.select(this.patch_under(event)));
    this.element.addEventListener("pointerdown", (event) => this.selection.select(this.patch_under(event)));
    this.element.addEventListener("keydown", (event) => {
      const from = this.selection.patch >= 0 ? this.selection.patch : descending(this.state.map.values)[0];
      const to = moved(this.grid, from, event.key);
      if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      this.selection.select(this.selection.patch < 0 ? from : to);
    });
  }

  private mark(patch: number): void {
    this.cursor.hidden = patch < 0;
    if (patch < 0) return;
    const style = box_style(this.grid, this.size, Math.floor(patch / this.grid.columns), patch % this.grid.columns, 1, 1);
    for (const [property, value] of Object.entries(style)) this.cursor.style.setProperty(property, value);
  }

  /** Strips over the parts that the model does not see. */
  private veils(): HTMLElement[] {
    const {area} = this.grid, {width, height} = this.size, slack = 0.5;
    const strip = (left: number, top: number, right: number, bottom: number) => {
      if (right - left <= slack || bottom - top <= slack) return [];
      return [h("div", {class: "unseen", style: {
        left: `${100 * left / width}%`, top: `${100 * top / height}%`,
        width: `${100 * (right - left) / width}%`, height: `${100 * (bottom - top) / height}%`}})];
    };
    const right = area.left + area.width, bottom = area.top + area.height;
    return [...strip(0, 0, width, area.top), ...strip(0, bottom, width, height),
            ...strip(0, area.top, area.left, bottom), ...strip(right, area.top, width, bottom)];
  }
}

/** The line under a stage that reads the selected patch. `read` returns what to show; nothing is selected for −1. */
export function tooltip(stage: Stage, invitation: string, read: (patch: number) => (Node | string)[]): HTMLElement {
  const line = h("p", {class: "tooltip", "aria-live": "polite"}, invitation);
  stage.selection.follow((patch) => replace(line, ...(patch < 0 ? [invitation] : read(patch))));
  return line;
}
