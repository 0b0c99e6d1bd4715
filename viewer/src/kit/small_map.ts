import {h} from "./dom";
import {box_style, Grid, moved, patch_at, place} from "./grid";
import {largest, signed} from "./numbers";
import {paint} from "./paint";
import {Selection} from "./selection";

export interface SmallMap {
  image: HTMLImageElement | null;  // the whole image; its grid's area is shown
  grid: Grid;
  values: readonly number[];
  label: string;                   // for screen readers: what the map shows
  limit?: number;                  // units at full colour; default: the largest |value|
  selection?: Selection;           // maps with the same one have cursors that move together
  opacity?: number;                // default 0.85
  format?: (value: number) => string;
  on_choose?: () => void;          // makes the map a button
}

const longest = 320;    // pixels of the canvas
const cell_pixels = 8;  // of the heatmap before it is enlarged

function draw(canvas: HTMLCanvasElement, map: SmallMap): void {
  const {area} = map.grid, scale = longest / Math.max(area.width, area.height);
  canvas.width = Math.max(1, Math.round(area.width * scale));
  canvas.height = Math.max(1, Math.round(area.height * scale));
  const context = canvas.getContext("2d");
  if (!context) return;
  if (map.image && map.image.naturalWidth > 0) {
    const across = map.image.naturalWidth / Number(map.image.dataset.width ?? map.image.naturalWidth);
    context.imageSmoothingQuality = "high";
    context.drawImage(map.image, area.left * across, area.top * across, area.width * across, area.height * across,
                      0, 0, canvas.width, canvas.height);
  }
  const heat = document.createElement("canvas");
  // The browser enlarges it: a page may have dozens of maps.
  const pixels = Math.min(longest, cell_pixels * Math.max(map.grid.rows, map.grid.columns));
  paint(heat, {grid: map.grid, values: map.values, limit: map.limit ?? largest(map.values)}, "blend", pixels);
  context.globalAlpha = map.opacity ?? 0.85;
  context.drawImage(heat, 0, 0, canvas.width, canvas.height);
}

/** A picture of a map with a cursor that other maps share. The output below it reads the value under the cursor. */
export function small_map(map: SmallMap): HTMLElement {
  const canvas = h("canvas", {class: "map", role: "img", "aria-label": map.label});
  const redraw = () => draw(canvas, map);
  redraw();
  if (map.image && !map.image.complete) map.image.addEventListener("load", redraw, {once: true});
  const cursor = h("div", {class: "cursor", hidden: true});
  const output = h("output", {class: "value"});
  const box = h("div", {class: "small-map", tabindex: map.selection || map.on_choose ? 0 : undefined,
                        role: map.on_choose ? "button" : undefined,
                        "aria-label": map.on_choose ? map.label : undefined},
                canvas, cursor, output);
  if (map.on_choose) {
    box.addEventListener("click", map.on_choose);
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      map.on_choose?.();
    });
  }
  if (map.selection) follow(box, canvas, cursor, output, map, map.selection);
  return box;
}

function follow(box: HTMLElement, canvas: HTMLCanvasElement, cursor: HTMLElement, output: HTMLElement, map: SmallMap,
                selection: Selection): void {
  const {grid} = map, {area} = grid, format = map.format ?? signed;
  const show = (patch: number) => {
    const inside = patch >= 0 && patch < map.values.length;
    cursor.hidden = !inside;
    output.textContent = inside ? format(map.values[patch]) : "";
    if (!inside) return;
    output.title = place(grid, patch);
    const style = box_style({...grid, area: {...area, left: 0, top: 0}}, area, Math.floor(patch / grid.columns),
                            patch % grid.columns, 1, 1);
    for (const [property, value] of Object.entries(style)) cursor.style.setProperty(property, value);
  };
  const from_event = (event: PointerEvent) => {
    const bounds = canvas.getBoundingClientRect();
    return patch_at(grid, area.left + (event.clientX - bounds.left) / bounds.width * area.width,
                    area.top + (event.clientY - bounds.top) / bounds.height * area.height);
  };
  canvas.addEventListener("pointermove", (event) => selection.select(from_event(event)));
  canvas.addEventListener("pointerleave", () => selection.select(-1));
  box.addEventListener("keydown", (event) => {
    const to = moved(grid, Math.max(0, selection.patch), event.key);
    if (to === undefined) return;
    event.preventDefault();
    selection.select(to);
  });
  selection.follow(show);
  show(selection.patch);
}
