import {h} from "./dom";
import {box_style, Grid, Size} from "./grid";
import {clamp} from "./numbers";

const longest = 768;  // pixels of the canvas

/** Lines around sets of patches of an image: white on black, which is visible on any image. */
export class Outline {
  readonly element = h("canvas", {class: "outline", "aria-hidden": "true", hidden: true});

  constructor(private readonly grid: Grid, size: Size) {
    for (const [property, value] of Object.entries(box_style(grid, size))) this.element.style.setProperty(property, value);
  }

  /** Surrounds these patches; none hides the outline. */
  show(patches: readonly number[]): void {
    this.element.hidden = patches.length === 0;
    const {rows, columns} = this.grid, step = clamp(Math.floor(longest / Math.max(rows, columns)), 4, 48);
    this.element.width = columns * step;
    this.element.height = rows * step;
    const context = this.element.getContext("2d");
    if (!context) return;
    const path = this.path(new Set(patches), step);
    for (const [colour, width] of [["#000", step / 5], ["#fff", step / 12]] as const) {
      context.strokeStyle = colour;
      context.lineWidth = Math.max(colour === "#000" ? 4 : 2, width);
      context.lineCap = "square";
      context.stroke(path);
    }
  }

  /** The sides between a patch that belongs to the set and one that does not. */
  private path(inside: ReadonlySet<number>, step: number): Path2D {
    const {rows, columns} = this.grid, path = new Path2D();
    const line = (x0: number, y0: number, x1: number, y1: number) => { path.moveTo(x0, y0); path.lineTo(x1, y1); };
    for (const patch of inside) {
      const row = Math.floor(patch / columns), column = patch % columns;
      const left = column * step, top = row * step, right = left + step, bottom = top + step;
      if (row === 0 || !inside.has(patch - columns)) line(left, top, right, top);
      if (row === rows - 1 || !inside.has(patch + columns)) line(left, bottom, right, bottom);
      if (column === 0 || !inside.has(patch - 1)) line(left, top, left, bottom);
      if (column === columns - 1 || !inside.has(patch + 1)) line(right, top, right, bottom);
    }
    return path;
  }
}
