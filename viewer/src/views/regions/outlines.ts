import {svg} from "../../kit/dom";
import {box_style} from "../../kit/grid";
import type {Regions} from "../../results";

/** The border of the patches of one owner, as a path in cells of the grid. */
function border(owners: readonly number[], rows: number, columns: number, owner: number): string {
  const at = (row: number, column: number) =>
    row < 0 || row >= rows || column < 0 || column >= columns ? -2 : owners[row * columns + column];
  let path = "";
  owners.forEach((own, patch) => {
    if (own !== owner) return;
    const row = Math.floor(patch / columns), column = patch % columns;
    if (at(row - 1, column) !== own) path += `M${column} ${row}h1`;
    if (at(row + 1, column) !== own) path += `M${column} ${row + 1}h1`;
    if (at(row, column - 1) !== own) path += `M${column} ${row}v1`;
    if (at(row, column + 1) !== own) path += `M${column + 1} ${row}v1`;
  });
  return path;
}

export interface Outlines {
  element: SVGElement;
  mark: (region: number) => void;
}

/** Outlines of all regions over the stage, and what makes one of them thick. */
export function outlines({image, regions}: Regions, owners: readonly number[]): Outlines {
  const {grid} = image;
  const paths = Array.from({length: regions}, (_, region) => border(owners, grid.rows, grid.columns, region));
  // Two strokes: one of them is visible on every image.
  const lines = ["under", "over"].map((kind) => svg("path", {class: kind, d: paths.join("")}));
  const marked = ["marked-under", "marked"].map((kind) => svg("path", {class: kind}));
  const element = svg("svg", {class: "outlines", viewBox: `0 0 ${grid.columns} ${grid.rows}`, preserveAspectRatio: "none",
                              "aria-hidden": "true", style: box_style(grid, image)}, lines, marked);
  return {element, mark: (region) => {
    for (const path of marked) path.setAttribute("d", region >= 0 && region < regions ? paths[region] : "");
  }};
}
