import {h} from "../kit/dom";
import {Grid, moved, patch_at, Size} from "../kit/grid";
import type {Selection} from "../kit/selection";
import {in_box, in_polygon, Point, toggled, union} from "./patch_set";

export type Tool = "look" | "box" | "lasso" | "superpixel";

export interface RegionTarget {
  stage: HTMLElement;        // of kit/stage.ts
  grid: Grid;
  size: Size;                // of the image
  selection: Selection;
  superpixels: readonly (readonly number[])[];  // patches of each
}

export interface RegionEvents {
  /** `done` is false while a box or lasso is drawn. */
  on_patches: (patches: readonly number[], done: boolean) => void;
}

/** Marks patches on a stage: by box, lasso, superpixel, or one by one with shift and click or the space bar. */
export class RegionTool {
  tool: Tool = "look";
  patches: readonly number[] = [];
  private target: RegionTarget | null = null;
  private readonly layer = h("canvas", {class: "region-layer", "aria-hidden": "true"});
  private drawn: Point[] = [];    // the lasso, or two corners of the box
  private start: readonly number[] = [];

  constructor(private readonly events: RegionEvents) {
    this.layer.addEventListener("pointerdown", (event) => this.press(event));
    this.layer.addEventListener("pointermove", (event) => this.drag(event));
    this.layer.addEventListener("pointerup", () => this.release());
    this.layer.addEventListener("pointercancel", () => { this.drawn = []; this.paint(); });
    this.layer.addEventListener("click", (event) => { if (!event.shiftKey) event.stopPropagation(); });
  }

  /** Works on the stage of a new view. */
  attach(target: RegionTarget): void {
    this.target = target;
    target.stage.append(this.layer);
    target.stage.addEventListener("click", (event) => {
      if (!event.shiftKey) return;
      event.preventDefault();
      event.stopImmediatePropagation();  // a click of the view selects the patch
      this.toggle([this.patch_of(this.point(event))]);
    }, {capture: true});
    target.stage.addEventListener("keydown", (event) => this.key(event), {capture: true});
    this.set_tool(this.tool);
  }

  set_tool(tool: Tool): void {
    this.tool = tool;
    this.layer.classList.toggle("active", tool !== "look");
    this.paint();
  }

  set_patches(patches: readonly number[]): void {
    this.patches = patches;
    this.paint();
  }

  private point(event: {clientX: number; clientY: number}): Point {
    const {stage, size} = this.target!, box = stage.getBoundingClientRect();
    return {x: (event.clientX - box.left) / box.width * size.width,
            y: (event.clientY - box.top) / box.height * size.height};
  }

  private patch_of({x, y}: Point): number { return patch_at(this.target!.grid, x, y); }

  private toggle(patches: readonly number[]): void {
    const known = patches.filter((patch) => patch >= 0);
    if (known.length === 0) return;
    this.set_patches(toggled(this.patches, known));
    this.events.on_patches(this.patches, true);
  }

  private superpixel(patch: number): readonly number[] {
    return this.target!.superpixels.find((patches) => patches.includes(patch)) ?? [patch];
  }

  private press(event: PointerEvent): void {
    if (!this.target || event.button !== 0) return;
    event.preventDefault();
    this.target.stage.focus({preventScroll: true});
    const at = this.point(event);
    if (event.shiftKey) return;  // the click marks one patch
    if (this.tool === "superpixel") return this.toggle(this.superpixel(this.patch_of(at)));
    this.layer.setPointerCapture(event.pointerId);
    this.start = event.ctrlKey || event.metaKey ? this.patches : [];
    this.drawn = [at, at];
  }

  private drag(event: PointerEvent): void {
    const at = this.point(event);
    this.target!.selection.select(this.patch_of(at));
    event.stopPropagation();
    if (this.drawn.length === 0) return;
    if (this.tool === "box") this.drawn[1] = at;
    else this.drawn.push(at);
    const {grid} = this.target!;
    const inside = this.tool === "box" ? in_box(grid, this.drawn[0], at) : in_polygon(grid, this.drawn);
    this.set_patches(union(this.start, inside));
    this.events.on_patches(this.patches, false);
  }

  private release(): void {
    if (this.drawn.length === 0) return;
    const still = this.drawn.length === 2 && this.drawn[0] === this.drawn[1];
    const at = this.patch_of(this.drawn[0]);
    this.drawn = [];
    if (still) return this.toggle([at]);
    this.paint();
    this.events.on_patches(this.patches, true);
  }

  private key(event: KeyboardEvent): void {
    const {selection, grid} = this.target!;
    if (event.key === " ") {
      event.preventDefault();
      event.stopImmediatePropagation();
      if (selection.patch < 0) return;
      this.toggle(this.tool === "superpixel" ? this.superpixel(selection.patch) : [selection.patch]);
    }
    const to = event.shiftKey && selection.patch >= 0 ? moved(grid, selection.patch, event.key) : undefined;
    if (to === undefined) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.set_patches(union(this.patches, [selection.patch, to]));
    selection.select(to);
    this.events.on_patches(this.patches, true);
  }

  private paint(): void {
    if (!this.target) return;
    const {size} = this.target, longest = 1000, scale = longest / Math.max(size.width, size.height);
    this.layer.width = Math.max(1, Math.round(size.width * scale));
    this.layer.height = Math.max(1, Math.round(size.height * scale));
    const context = this.layer.getContext("2d");
    if (!context) return;
    // The canvas has the proportions of the image; a stage of a very long image is squeezed, so lines get a safe width.
    context.scale(scale, scale);
    for (const [width, colour] of [[6, "#000"], [3, "#ffe14d"]] as const) {
      context.lineWidth = width / scale;
      context.strokeStyle = colour;
      this.outline(context);
      this.trail(context);
    }
  }

  /** The edges between marked patches and others. */
  private outline(context: CanvasRenderingContext2D): void {
    const {grid} = this.target!, {area, rows, columns} = grid, marked = new Set(this.patches);
    const x = (column: number) => area.left + column / columns * area.width;
    const y = (row: number) => area.top + row / rows * area.height;
    context.beginPath();
    for (const patch of this.patches) {
      const row = Math.floor(patch / columns), column = patch % columns;
      const edge = (inside: boolean, a: [number, number], b: [number, number]) => {
        if (inside) return;
        context.moveTo(x(a[0]), y(a[1]));
        context.lineTo(x(b[0]), y(b[1]));
      };
      edge(row > 0 && marked.has(patch - columns), [column, row], [column + 1, row]);
      edge(row < rows - 1 && marked.has(patch + columns), [column, row + 1], [column + 1, row + 1]);
      edge(column > 0 && marked.has(patch - 1), [column, row], [column, row + 1]);
      edge(column < columns - 1 && marked.has(patch + 1), [column + 1, row], [column + 1, row + 1]);
    }
    context.stroke();
  }

  private trail(context: CanvasRenderingContext2D): void {
    if (this.drawn.length < 2) return;
    const [a, b] = this.drawn;
    context.beginPath();
    if (this.tool === "box") context.rect(a.x, a.y, b.x - a.x, b.y - a.y);
    else this.drawn.forEach(({x, y}) => context.lineTo(x, y));
    context.stroke();
  }
}
