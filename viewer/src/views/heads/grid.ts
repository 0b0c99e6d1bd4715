import {choice} from "../../kit/choice";
import {h, replace} from "../../kit/dom";
import {matrix} from "../../kit/matrix";
import {fraction, plain} from "../../kit/numbers";
import {lede, section} from "../../kit/section";
import type {Heads} from "../../results";
import {Head, head_words, name_of, whole_percent} from "./words";

interface Colouring { name: string; of: (head: Head) => number; }

const colourings: Colouring[] = [
  {name: "variance that its words explain", of: ({explained}) => explained},
  {name: "variance that the first word explains", of: ({words}) => words.length ? words[0].explained : 0},
  {name: "variance between the images", of: ({variance}) => variance}];

/** What a cell says: the first word and how much it explains. */
function cell_text({words}: Head): (Node | string)[] {
  if (!words.length) return ["–"];
  return [h("span", {class: "first-word"}, words[0].word), h("small", {}, whole_percent(words[0].explained))];
}

function title_of(head: Head): string {
  const words = head.words.map(({word, explained}) => `${word} ${whole_percent(explained)}`).join(", ");
  return `${name_of(head)}: ${words}; together ${whole_percent(head.explained)}, variance ${plain(head.variance, 4)}`;
}

/** Blocks × heads, each with its first word; a chosen one is described beside it. */
export function heads_grid(result: Heads): HTMLElement {
  const {heads} = result, at = new Map(heads.map((head) => [name_of(head), head]));
  const sorted = (values: number[]) => [...new Set(values)].sort((a, b) => a - b);
  const blocks = sorted(heads.map(({block}) => block)), columns = sorted(heads.map(({head}) => head));
  const of = (row: number, column: number) => at.get(`${blocks[row]}.${columns[column]}`);
  const details = h("div", {class: "details", "aria-live": "polite"}), grid = h("div");
  let chosen = heads.reduce((a, b) => b.explained > a.explained ? b : a);
  const choose = (head: Head, cell?: HTMLElement) => {
    chosen = head;
    for (const other of grid.querySelectorAll("[aria-selected=true]")) other.removeAttribute("aria-selected");
    cell?.setAttribute("aria-selected", "true");
    replace(details, h("h3", {}, `Head ${name_of(head)}`), head_words(head));
  };
  const draw = ({of: value}: Colouring) => {
    replace(grid, matrix({
      rows: blocks.map((block) => `block ${block}`), columns: columns.map((head) => `head ${head}`), corner: "",
      values: blocks.map((_, row) => columns.map((__, column) => {
        const head = of(row, column);
        return head ? value(head) : null;
      })),
      format: fraction, label: "Heads", title: (row, column) => {
        const head = of(row, column);
        return head ? title_of(head) : "";
      },
      cell: (row, column) => cell_text(of(row, column)!),
      on_choose: (row, column, cell) => {
        const head = of(row, column);
        if (head) choose(head, cell);
      }}));
    choose(chosen, grid.querySelectorAll<HTMLElement>("[role=gridcell]")[
      blocks.indexOf(chosen.block) * columns.length + columns.indexOf(chosen.head)]);
  };
  draw(colourings[0]);
  return section("Blocks and heads",
                 lede("The first word of each head. Choose a head to see all of its words."),
                 choice("colour", colourings.map(({name}) => name), 0, (index) => draw(colourings[index])),
                 h("div", {class: "grid-and-details"}, grid, details));
}
