import {clamp} from "./numbers";

/** A patch grid over an image, as results have it. The area is in pixels of the image. */
export interface Grid {
  rows: number;
  columns: number;
  area: {left: number; top: number; width: number; height: number};
}

export interface Size { width: number; height: number; }

/** "row 3, column 5" */
export function place(grid: Grid, patch: number): string {
  return `row ${Math.floor(patch / grid.columns)}, column ${patch % grid.columns}`;
}

/** The patch at a position in pixels of the image; −1 outside of the grid. */
export function patch_at(grid: Grid, x: number, y: number): number {
  const u = (x - grid.area.left) / grid.area.width, v = (y - grid.area.top) / grid.area.height;
  if (u < 0 || u >= 1 || v < 0 || v >= 1) return -1;
  return Math.floor(v * grid.rows) * grid.columns + Math.floor(u * grid.columns);
}

/** The patch where an arrow key leads; undefined for other keys. */
export function moved(grid: Grid, from: number, key: string): number | undefined {
  const row = Math.floor(from / grid.columns), column = from % grid.columns;
  const step = ({ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0],
                 Home: [0, -column], End: [0, grid.columns]} as Record<string, [number, number]>)[key];
  if (!step) return undefined;
  return clamp(row + step[0], 0, grid.rows - 1) * grid.columns + clamp(column + step[1], 0, grid.columns - 1);
}

/** CSS that places an element over patches, in percent of the image. */
export function box_style(grid: Grid, image: Size, row = 0, column = 0, rows = grid.rows,
                          columns = grid.columns): Record<string, string> {
  const cell_width = grid.area.width / grid.columns, cell_height = grid.area.height / grid.rows;
  const part = (value: number, of: number) => `${(100 * value / of).toFixed(4)}%`;
  return {left: part(grid.area.left + column * cell_width, image.width),
          top: part(grid.area.top + row * cell_height, image.height),
          width: part(columns * cell_width, image.width),
          height: part(rows * cell_height, image.height)};
}
