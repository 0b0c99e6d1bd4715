import {Child, h, replace} from "../../kit/dom";
import {matrix} from "../../kit/matrix";
import {beside_largest, compact, largest, sign_class, signed} from "../../kit/numbers";
import {fold, lede, section} from "../../kit/section";
import type {Explanation} from "../../results";
import {attention_map, head_map} from "./head_maps";
import {look_stage, MapView} from "./map_view";
import {unit_of} from "./units";

type Block = Explanation["components"]["blocks"][number];

/** The matrix of all heads. A head that is chosen here or elsewhere is shown on the stage and beside the matrix. */
export class Heads {
  readonly element: HTMLElement;
  private readonly blocks: readonly Block[];
  private readonly cells: HTMLElement[];
  private readonly text = h("div", {class: "look-text"});

  constructor(private readonly result: Explanation, private readonly view: MapView) {
    this.blocks = result.components.blocks;
    const grid = this.grid();
    this.cells = [...grid.querySelectorAll<HTMLElement>("[role=gridcell]")];
    grid.addEventListener("focusin", (event) => {
      const at = this.cells.indexOf(event.target as HTMLElement);
      if (at >= 0) this.show(Math.floor(at / this.width), at % this.width);
    });
    grid.addEventListener("keydown", (event) => { if (event.key === "Escape") view.show_all(); });
    this.element = section("Heads",
      lede("Direct contributions of every attention head to the class token, without biases, and of the block’s MLP. A head’s " +
           "contribution is the sum over the tokens that it attends to. Choose a head to see what it reads."),
      h("div", {class: "look"}, look_stage(view), this.text), grid,
      h("p", {class: "under"}, `In ${unit_of(result)}; red in favour, blue against; full colour is ±${compact(this.limit, 3)}. ` +
                               "A block is the sum of its heads, its MLP and their biases."));
    view.follow(() => this.describe());
    this.describe();
  }

  /** Shows a head on the stage. */
  show(block: number, head: number): void {
    const {head_words} = this.view.context.actions ?? {};
    this.view.show(head_map(this.result, block, head));
    if (head_words) this.text.append(fold("Words of this head over the served images", () => head_words(block, head)));
    this.mark(this.cells[block * this.width + head]);
  }

  private get width(): number { return this.blocks[0].heads.length; }
  private get limit(): number { return largest(this.blocks.map(({heads}) => largest(heads))); }

  private grid(): HTMLElement {
    const {blocks, limit} = this, name = (block: number, head: number) => `block ${block}, head ${head}`;
    const total = (value: number): Child => h("span", {class: value === 0 ? "faint" : sign_class(value), title: signed(value)}, signed(value, 3));
    const column = (title: string, value: (block: Block) => number) => ({name: title, cells: blocks.map((block) => total(value(block)))});
    const show_all_heads = (b: number) => this.view.show(attention_map(this.result, b));
    const all_heads = (block: Block, b: number) => h("button", {type: "button", class: "link", on: {click: () => show_all_heads(b)}},
                                                      total(block.attention));
    return h("div", {class: "heads"}, matrix({
      rows: blocks.map((_, b) => `block ${b}`), columns: blocks[0].heads.map((_, head) => [h("span", {class: "hidden"}, "head "), head]),
      values: blocks.map(({heads}) => heads), limit, corner: h("span", {class: "faint"}, "head"), label: "Heads of every block",
      format: (value) => beside_largest(value, limit), title: (b, head) => `${name(b, head)}: ${signed(blocks[b].heads[head])}`,
      totals: [{name: "all heads", cells: blocks.map(all_heads)}, column("attention bias", (block) => block.attention_bias),
               column("MLP", (block) => block.mlp), column("MLP bias", (block) => block.mlp_bias), column("block", (block) => block.sum)],
      on_choose: (b, head) => this.show(b, head)}));
  }

  /** Names the map that the stage shows, which is a head or another one. */
  private describe(): void {
    const {view} = this, {shown} = view;
    const back = h("button", {type: "button", class: "link", on: {click: () => view.show_all()}}, "back to all sources");
    const large = h("button", {type: "button", class: "link", on: {click: () => view.scroll_to()}}, "large image");
    const sentence = view.is_whole ? "Choose a head: the image shows its contributions by patch."
                                   : shown.sentence ?? `Heatmap of ${shown.name}.`;
    replace(this.text, h("p", {"aria-live": "polite"}, sentence), h("p", {}, view.is_whole ? null : back, large));
    this.mark(null);
  }

  private mark(cell: HTMLElement | null): void {
    for (const other of this.cells) other.setAttribute("aria-selected", String(other === cell));
  }
}
