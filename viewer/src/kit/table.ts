import {Child, h} from "./dom";

export interface Column<Row> {
  title: Child;
  cell: (row: Row, index: number) => Child;
  number?: boolean;                      // right-aligned
  sort?: (row: Row) => number | string | null;  // makes the column sortable; null is last in both directions
  best?: "high" | "low";                 // the first direction of a sort; default: high for numbers
  class?: (row: Row) => string;          // of the cell: "positive"
  tint?: (row: Row) => number | null;    // colours the cell: 1 fully, 0 and null not at all
  hint?: string;                         // of the title, on hover
}

export interface TableOptions<Row> {
  caption?: Child;
  class?: string;
  row_class?: (row: Row, index: number) => string | undefined;
  row_header?: boolean;                  // whether the first cell of a row is its header; default true
  sorted?: number;                       // the column that the rows are sorted by, in its first direction
  label?: string;                        // for screen readers; default: "Table"
}

/** A table; wide ones scroll inside of their box. Titles of sortable columns are buttons. */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[],
                           options: TableOptions<Row> = {}): HTMLElement {
  const body = h("tbody");
  const lines = rows.map((row, index) => line(row, index, columns, options));
  body.append(...lines);
  const heads = columns.map((column) => h("th", {scope: "col", class: column.number ? "number" : undefined, title: column.hint}));
  columns.forEach((column, at) => {
    if (!column.sort) heads[at].append(h("span", {}, column.title));
    else heads[at].append(h("button", {type: "button", class: "sort", on: {click: () => sort(at)}}, column.title));
  });
  const first_direction = (at: number) => columns[at].best === "low" ||
      rows.some((row) => typeof columns[at].sort!(row) === "string") ? "ascending" : "descending";
  if (options.sorted !== undefined) heads[options.sorted].setAttribute("aria-sort", first_direction(options.sorted));
  const sort = (at: number) => {
    const key = columns[at].sort!, first = first_direction(at);
    const now = heads[at].getAttribute("aria-sort") !== first ? first
                                                              : first === "ascending" ? "descending" : "ascending";
    for (const head of heads) head.removeAttribute("aria-sort");
    heads[at].setAttribute("aria-sort", now);
    body.append(...order(rows, key, now === "ascending" ? 1 : -1).map((index) => lines[index]));
  };
  const head = columns.some((column) => column.title !== "") ? h("thead", {}, h("tr", {}, heads)) : null;
  return h("div", {class: "scroll", tabindex: 0, role: "group", "aria-label": options.label ?? "Table"},
           h("table", {class: options.class}, options.caption ? h("caption", {}, options.caption) : null, head, body));
}

function line<Row>(row: Row, index: number, columns: readonly Column<Row>[], options: TableOptions<Row>): HTMLElement {
  return h("tr", {class: options.row_class?.(row, index)}, columns.map((column, at) => {
    const classes = [column.number ? "number" : "", column.class?.(row) ?? ""].join(" ").trim() || undefined;
    const header = at === 0 && options.row_header !== false;
    const tint = column.tint?.(row) ?? 0;
    return h(header ? "th" : "td", {class: classes, scope: header ? "row" : undefined,
                                    style: tint > 0 ? {"--tint": tint.toFixed(2)} : undefined}, column.cell(row, index));
  }));
}

/** Indices of the rows; rows without a value last, equal ones in their order. */
function order<Row>(rows: readonly Row[], key: (row: Row) => number | string | null, sign: 1 | -1): number[] {
  const compare = (a: number | string, b: number | string) =>
      typeof a === "string" ? a.localeCompare(String(b)) : a - Number(b);
  return Array.from(rows.keys()).sort((i, j) => {
    const a = key(rows[i]), b = key(rows[j]);
    if (a === null || b === null) return Number(a === null) - Number(b === null) || i - j;
    return sign * compare(a, b) || i - j;
  });
}
