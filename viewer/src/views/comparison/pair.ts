import {choice} from "../../kit/choice";
import {Child, h, replace} from "../../kit/dom";
import {place} from "../../kit/grid";
import {controls, legend, LegendTexts} from "../../kit/legend";
import {copy_of} from "../../kit/picture";
import {fold, lede, section} from "../../kit/section";
import {Stage, tooltip} from "../../kit/stage";
import type {Comparison} from "../../results";
import type {ViewContext} from "../view";
import {ComparedMap, figures_of, legend_texts, patch_value, source_of, unit_of, zero_note} from "./compared_map";

/** A stage whose map can be exchanged. */
class Half {
  readonly element: HTMLElement;
  readonly stage: Stage;
  private readonly texts: LegendTexts;
  private readonly about = h("div", {class: "about"});
  private readonly select: HTMLSelectElement;

  constructor(private readonly result: Comparison, private readonly maps: readonly ComparedMap[],
              private readonly context: ViewContext, label: string, private at: number) {
    const {grid} = result.image, unit = unit_of(result), map = maps[at];
    this.texts = legend_texts(map, unit);
    this.stage = new Stage(grid, result.image, copy_of(context.image), map, context.selection);
    const picker = choice(label, maps.map(({name}) => name), at, (chosen) => this.show(chosen));
    this.select = picker.querySelector("select")!;
    this.element = h("div", {class: "half"}, picker, this.stage.element,
      tooltip(this.stage, "Point at a patch, or use the arrow keys.", (patch) => {
        const value = patch_value(this.maps[this.at], patch, unit, result.target.value);
        return [h("span", {}, `${place(grid, patch)}: `, value)];
      }),
      legend(this.stage, this.texts), this.about);
    this.describe();
  }

  show(at: number): void {
    this.at = at;
    this.select.selectedIndex = at;
    const map = this.maps[at], patch = this.context.selection.patch;
    Object.assign(this.texts, legend_texts(map, unit_of(this.result)));
    this.context.selection.select(-1);
    this.stage.show(map);
    this.context.selection.select(patch);
    this.describe();
  }

  private describe(): void {
    const map = this.maps[this.at], {actions} = this.context, {method} = map;
    const again: Child = actions?.explain_method && method
        ? h("button", {type: "button", class: "link", on: {click: () => actions.explain_method?.(method.attribution.method)}},
            "explain by this method")
        : null;
    replace(this.about, h("p", {}, zero_note(map) || map.summary), h("p", {}, figures_of(map, unit_of(this.result))),
            again, source_of(map));
  }
}

/** Two maps on stages; the right one can be hidden. */
export class Pair {
  readonly element: HTMLElement;
  private readonly left: Half;
  private readonly right: Half | null;
  private readonly halves: HTMLElement;

  constructor(result: Comparison, private readonly maps: readonly ComparedMap[], context: ViewContext) {
    const first = Math.max(0, maps.findIndex(({method}) => method !== null));
    this.left = new Half(result, maps, context, "Map", first);
    this.right = maps.length > 1 ? new Half(result, maps, context, "Beside", first === 0 ? 1 : 0) : null;
    this.halves = h("div", {class: `halves ${result.image.width > 2 * result.image.height ? "stacked" : ""}`}, this.left.element, this.right?.element);
    if (this.right) this.couple(this.left.stage, this.right.stage);
    this.element = section("Look closely",
      lede("Choose a map, or click one below. The cursors of all maps on this page move together. Each map has a colour scale of its own."),
      this.halves, fold("Style, opacity and full scale", () => controls(this.left.stage)));
  }

  /** Shows the map of a method, or with −1 the true effects, on the left stage. */
  enlarge(at: number): void { this.show(this.left, at); }

  put_beside(at: number): void { if (this.right) this.show(this.right, at); }

  private show(half: Half, at: number): void {
    half.show(this.maps.findIndex((map) => map.at === at));
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    half.element.scrollIntoView({block: "nearest", behavior: still ? "auto" : "smooth"});
  }

  /** The controls of one stage set both. */
  private couple(left: Stage, right: Stage): void {
    left.follow(() => {
      const {style, opacity, zoom, shown, grey} = left.state;
      right.change({style, opacity, zoom, shown, grey});
    });
  }
}
