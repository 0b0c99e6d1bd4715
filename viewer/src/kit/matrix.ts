import {css, diverging} from "./colours";
import {Child, h} from "./dom";
import {largest} from "./numbers";

export interface Matrix {
  rows: readonly Child[];
  columns: readonly Child[];
  values: readonly (readonly (number | null)[])[];  // null: a cell without a value
  format: (value: number, row: number, column: number) => string;
  title?: (row: number, column: number) => string;  // of a cell, on hover
  cell?: (row: number, column: number) => Child;    // the text of a cell with a value; default: format
  limit?: number | ((row: number, column: number) => number);  // at full colour; default: the largest |value|
  begins?: (index: number) => boolean;              // of a square matrix: a line before this row and this column
  label?: string;                                   // for screen readers; default: "Matrix"
  caption?: Child;
  corner?: Child;
  turned?: boolean;                                 // column names upright, for narrow cells
  totals?: readonly {name: Child; cells: readonly Child[]}[];  // further columns, neither coloured nor to choose
  on_choose?: (row: number, column: number, cell: HTMLElement) => void;
}

/** A table whose cells are coloured by value. With on_choose its cells are one tab stop: arrow keys move between
 * them, Enter chooses. */
export function matrix(m: Matrix): HTMLElement {
  const common = typeof m.limit === "number" ? m.limit : m.limit ? 0 : largest(m.values.flat().map((value) => value ?? 0));
  const limit_of = typeof m.limit === "function" ? m.limit : () => common;
  const cells: HTMLElement[] = [];
  const body = m.values.map((line, row) => h("tr", {class: m.begins?.(row) ? "begins" : undefined}, h("th", {scope: "row"}, h("span", {}, m.rows[row])),
    line.map((value, column) => {
      const classes = [value === null ? "none" : "", m.begins?.(column) ? "begins" : ""].join(" ").trim() || undefined;
      const cell = h("td", {class: classes, title: m.title?.(row, column),
                            tabindex: m.on_choose ? (cells.length === 0 ? 0 : -1) : undefined,
                            role: m.on_choose ? "gridcell" : undefined},
                     value === null ? "–" : m.cell?.(row, column) ?? m.format(value, row, column));
      const limit = limit_of(row, column);
      if (value !== null) colour(cell, limit > 0 ? value / limit : 0);
      cells.push(cell);
      return cell;
    }), m.totals?.map((total) => h("td", {class: "total"}, total.cells[row]))));
  if (m.on_choose) roam(cells, m.columns.length, m.on_choose);
  const head = h("tr", {}, h("td", {}, m.corner),
                 m.columns.map((name, column) => {
                   const classes = [m.turned ? "turned" : "", m.begins?.(column) ? "begins" : ""].join(" ").trim();
                   return h("th", {scope: "col", class: classes || undefined}, h("span", {}, name));
                 }),
                 m.totals?.map(({name}) => h("th", {scope: "col", class: "total"}, name)));
  return h("div", {class: "scroll", role: "group", tabindex: m.on_choose ? undefined : 0, "aria-label": m.label ?? "Matrix"},
           h("table", {class: "matrix", role: m.on_choose ? "grid" : undefined},
             m.caption ? h("caption", {}, m.caption) : null, h("thead", {}, head), h("tbody", {}, body)));
}

/** Colours a cell by a value in units of full scale; its text stays legible in light and dark. */
export function colour(cell: HTMLElement, value: number): void {
  const part = Math.min(1, Math.abs(value));
  cell.style.setProperty("--cell", css(diverging(value < 0 ? -1 : 1)));
  cell.style.setProperty("--part", (0.62 * part).toFixed(3));
}

/** Makes many cells one tab stop. */
export function roam(cells: readonly HTMLElement[], columns: number,
                     choose: (row: number, column: number, cell: HTMLElement) => void): void {
  cells.forEach((cell, i) => {
    const act = () => choose(Math.floor(i / columns), i % columns, cell);
    const start = i - i % columns, end = Math.min(start + columns, cells.length) - 1;
    cell.addEventListener("click", act);
    cell.addEventListener("focus", () => {
      for (const other of cells) other.tabIndex = other === cell ? 0 : -1;
    });
    cell.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        return act();
      }
      const to = ({ArrowLeft: Math.max(i - 1, start), ArrowRight: Math.min(i + 1, end), Home: start, End: end,
                   ArrowUp: i - columns, ArrowDown: i + columns} as Record<string, number>)[event.key];
      if (to === undefined || !cells[to]) return;
      event.preventDefault();
      cells[to].focus();
    });
  });
}
