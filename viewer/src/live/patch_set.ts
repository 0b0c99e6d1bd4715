import type {Grid} from "../kit/grid";

export interface Point { x: number; y: number; }  // in pixels of the image

const centre = (grid: Grid, patch: number): Point => ({
  x: grid.area.left + (patch % grid.columns + 0.5) / grid.columns * grid.area.width,
  y: grid.area.top + (Math.floor(patch / grid.columns) + 0.5) / grid.rows * grid.area.height});

const all = (grid: Grid): number[] => Array.from({length: grid.rows * grid.columns}, (_, i) => i);

/** The patches that a box touches. */
export function in_box(grid: Grid, a: Point, b: Point): number[] {
  const cell_width = grid.area.width / grid.columns, cell_height = grid.area.height / grid.rows;
  const left = Math.min(a.x, b.x) - grid.area.left, right = Math.max(a.x, b.x) - grid.area.left;
  const top = Math.min(a.y, b.y) - grid.area.top, bottom = Math.max(a.y, b.y) - grid.area.top;
  return all(grid).filter((patch) => {
    const column = patch % grid.columns, row = Math.floor(patch / grid.columns);
    return column * cell_width < right && (column + 1) * cell_width > left &&
           row * cell_height < bottom && (row + 1) * cell_height > top;
  });
}

/** The patches whose centres lie in a polygon (even–odd rule). */
export function in_polygon(grid: Grid, corners: readonly Point[]): number[] {
  return all(grid).filter((patch) => {
    const {x, y} = centre(grid, patch);
    let inside = false;
    for (let i = 0, j = corners.length - 1; i < corners.length; j = i++) {
      const a = corners[i], b = corners[j];
      if ((a.y > y) !== (b.y > y) && x < (b.x - a.x) * (y - a.y) / (b.y - a.y) + a.x) inside = !inside;
    }
    return inside;
  });
}

/** Adds patches that are not in the set, or removes them if all are. */
export function toggled(set: readonly number[], patches: readonly number[]): number[] {
  const next = new Set(set), remove = patches.every((patch) => next.has(patch));
  for (const patch of patches) {
    if (remove) next.delete(patch);
    else next.add(patch);
  }
  return Array.from(next).sort((a, b) => a - b);
}

export function union(a: readonly number[], b: readonly number[]): number[] {
  return Array.from(new Set([...a, ...b])).sort((x, y) => x - y);
}

/** The patch of another grid over the same image at the centre of a patch; −1 outside of it. */
export function same_place(from: Grid, patch: number, to: Grid): number {
  if (patch < 0) return -1;
  const {x, y} = centre(from, patch);
  const u = (x - to.area.left) / to.area.width, v = (y - to.area.top) / to.area.height;
  if (u < 0 || u >= 1 || v < 0 || v >= 1) return -1;
  return Math.floor(v * to.rows) * to.columns + Math.floor(u * to.columns);
}
