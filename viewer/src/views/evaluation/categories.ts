import {Child, h} from "../../kit/dom";
import {section} from "../../kit/section";
import {Column, table} from "../../kit/table";
import type {Evaluation} from "../../results";
import {Category, mean_cell, mean_key, name_cell, rank_score, Row, row_class, short_number} from "./board";

type Metric = Evaluation["metrics"][number];

/** What the cells of a metric's column need. */
interface MetricColumn {
  metric: Metric;
  index: number;
  ranks: readonly (number | null)[];
  ranked: number;             // number of rows with a rank
  images: number;             // the most of a cell
  near: ReadonlySet<number>;
  like_random: ReadonlySet<number>;
  worse: ReadonlySet<number>;
}

function column_of(result: Evaluation, index: number): MetricColumn {
  const {ranks, may_be_best, like_random, worse_than_random} = result.ranking.metrics[index];
  const cells = result.methods.map(({values}) => values[index]).filter((cell) => cell?.value !== null);
  return {metric: result.metrics[index], index, ranks, ranked: ranks.filter((rank) => rank !== null).length,
          images: Math.max(0, ...cells.map(({images}) => images)), near: new Set(may_be_best),
          like_random: new Set(like_random), worse: new Set(worse_than_random)};
}

/** The comparison of a cell with random maps, as a symbol and in words; nothing if it is better. */
function random_mark(column: MetricColumn, at: number): Child {
  if (column.like_random.has(at)) return [h("em", {}, "≈"), h("span", {class: "hidden"}, " not distinguishable from random ")];
  if (column.worse.has(at)) return [h("em", {class: "worse"}, "▼"), h("span", {class: "hidden"}, " worse than random ")];
  return null;
}

function value_cell(column: MetricColumn, row: Row, at: number): Child {
  const cell = row.values[column.index], rank = column.ranks[at];
  if (cell.value === null) {
    const reason = cell.reason || "no value";
    return h("span", {class: "none", title: reason}, h("span", {"aria-hidden": "true"}, "–"),
             h("span", {class: "hidden"}, `none: ${reason}`));
  }
  const number = short_number(cell.value);
  const value = rank === 1 ? h("b", {}, number)
      : column.near.has(at) ? [h("span", {class: "near"}, number), h("span", {class: "hidden"}, " may be the best")] : number;
  return [rank === null ? null : h("i", {}, h("span", {class: "hidden"}, "rank "), rank), random_mark(column, at), value,
          cell.low === null || cell.high === null ? null : h("small", {}, `${short_number(cell.low)} … ${short_number(cell.high)}`),
          cell.images < column.images ? h("small", {}, `${cell.images} image${cell.images === 1 ? "" : "s"}`) : null];
}

function head_of({name, ranked, higher_is_better}: Metric): Child {
  if (!ranked) return [name, " ", h("small", {}, "not ranked")];
  return [`${name}\u00a0`, h("span", {"aria-hidden": "true"}, higher_is_better ? "↑" : "↓"),
          h("span", {class: "hidden"}, higher_is_better ? " higher is better" : " lower is better")];
}

function columns_of(result: Evaluation, category: Category): Column<Row>[] {
  const at = new Map(result.methods.map((row, index) => [row, index])), {means, possible} = category.ranking;
  const mean = (row: Row) => means[at.get(row)!];
  const ranked: Column<Row>[] = possible === 0 ? [] : [
    {title: "mean rank", number: true, best: "low", class: () => "mean",
     cell: (row) => mean_cell(mean(row), possible), sort: (row) => mean_key(mean(row))}];
  const values = category.metrics.map((index): Column<Row> => {
    const column = column_of(result, index), {metric} = column;
    const rank = (row: Row) => column.ranks[at.get(row)!];
    return {title: head_of(metric), number: true, hint: metric.description,
            best: metric.ranked && !metric.higher_is_better ? "low" : "high",
            cell: (row) => value_cell(column, row, at.get(row)!), sort: (row) => row.values[index].value,
            tint: (row) => { const own = rank(row); return own === null ? null : rank_score(own, column.ranked); }};
  });
  return [{title: "method", cell: name_cell, sort: ({name}) => name}, ...ranked, ...values];
}

function definitions(result: Evaluation, category: Category): HTMLElement {
  return h("dl", {class: "definitions"}, category.metrics.map((index) => {
    const {name, ranked, higher_is_better, description} = result.metrics[index];
    const direction = !ranked ? "not ranked" : higher_is_better ? "↑ higher is better" : "↓ lower is better";
    return h("div", {}, h("dt", {}, `${name} `, h("small", {}, direction)), h("dd", {}, description));
  }));
}

/** The legend of the symbols in a table with ranks. */
function marks(): HTMLElement {
  return h("p", {class: "lede marks"}, "The rank is on the left; ", h("b", {}, "best"), ", ", h("span", {class: "near"}, "may be the best"),
           ", ", h("em", {}, "≈"), " not distinguishable from random, ", h("em", {class: "worse"}, "▼"),
           " worse than random. The end of the page explains all marks.");
}

/** A table of every category. */
export function category_sections(result: Evaluation): HTMLElement[] {
  return result.ranking.categories.map((category) => {
    const {order, possible} = category.ranking;
    return section(category.name, possible > 0 ? marks() : null,
      h("div", {class: "boxed"}, table(order.map((at) => result.methods[at]), columns_of(result, category),
        {class: "board", row_class, sorted: possible > 0 ? 1 : undefined, label: category.name})),
      definitions(result, category));
  });
}
