import {bars} from "../../kit/bars";
import {Child, h} from "../../kit/dom";
import {line_chart} from "../../kit/line_chart";
import {plain} from "../../kit/numbers";
import {figure, figures, header} from "../../kit/section";
import {table} from "../../kit/table";

// A page that a program builds of texts, tables, charts and figures (whyclip/pages/document.h).

type Block =
  | {type: "section" | "part" | "paragraph" | "remark"; text: string}
  | {type: "bars"; caption: string; bars: {name: string; value: number}[]}
  | {type: "table"; caption: string; columns: string[]; rows: string[][]; text_columns: number; note: string}
  | {type: "figures"; figures: {caption: string; picture: string}[]}
  | {type: "chart"; caption: string; labels: string[]; lines: {name: string; values: (number | null)[]}[]};

export interface Document {
  format: "whyclip document 1";
  headline: string;
  notes: string[];
  blocks: Block[];
}

export function document_view(result: Document): HTMLElement {
  const page = h("div", {}, header(result.headline, result.notes));
  let part: HTMLElement = page;
  for (const block of result.blocks) {
    if (block.type === "section") {
      part = h("section", {}, block.text ? h("h2", {}, block.text) : null);
      page.append(part);
    } else {
      part.append(drawn(block));
    }
  }
  return page;
}

function drawn(block: Block): HTMLElement {
  switch (block.type) {
    case "section": throw new Error("a section inside of a section");
    case "part": return h("h3", {}, block.text);
    case "paragraph": return h("p", {class: "text"}, block.text);
    case "remark": return h("p", {class: "text remark"}, block.text);
    case "bars": return bars(block.bars.map((bar) => ({...bar, text: plain(bar.value, 3)})), {caption: block.caption});
    case "table": return drawn_table(block);
    case "figures": return figures(block.figures.map((one) =>
      figure(h("img", {src: one.picture, alt: one.caption}), one.caption)), block.figures.length === 1 ? 480 : 220);
    case "chart": return drawn_chart(block);
  }
}

function drawn_table(block: Extract<Block, {type: "table"}>): HTMLElement {
  const columns = block.columns.map((title, at) =>
    ({title, number: at >= block.text_columns, cell: (row: string[]): Child => row[at]}));
  return h("div", {}, table(block.rows, columns, {caption: block.caption || undefined}),
           block.note ? h("p", {class: "under"}, block.note) : null);
}

/** A chart over labelled positions: labels that are numbers give the axis, others are counted from 0. */
function drawn_chart(block: Extract<Block, {type: "chart"}>): HTMLElement {
  const numeric = block.labels.every((label) => label !== "" && Number.isFinite(Number(label)));
  const x = block.labels.map((label, i) => numeric ? Number(label) : i);
  const lines = block.lines.map((line) => ({
    name: line.name,
    points: line.values.flatMap((value, i): [number, number][] => value === null ? [] : [[x[i], value]])}));
  return line_chart({lines, title: block.caption, label: block.caption, x: numeric ? "" : block.labels.join(" · "), y: ""});
}
