import {h, replace} from "../../kit/dom";
import {descending, fraction, plain} from "../../kit/numbers";
import type {Page, Part} from "../part";
import {all_others, State} from "../state";
import {tab_named} from "../tabs";
import {debounced, is_narrow, panel, typing_pause} from "./panel";

export interface Score { name: string; logit: number; probability: number; }

const most_shown = (): number => is_narrow() ? 5 : 12;

/** The ranking; a class is explained when it is chosen, alone or against another one. */
export class ScoresPanel implements Part {
  readonly element: HTMLElement;
  private readonly list = h("ol", {class: "ranking"});
  private readonly below = h("p", {class: "score-choices"});
  private readonly more = h("button", {type: "button", class: "link"});
  private readonly feature = h("input", {type: "text", placeholder: "strong, or 92,98:0.5", "aria-describedby": "feature-help"});
  private scores: readonly Score[] = [];
  private all = false;

  constructor(private readonly page: Page) {
    const {store} = page;
    this.element = panel("Scores", null, true, page.errors.line("target"), this.list, this.more, this.below,
      h("details", {class: "small"}, h("summary", {}, "Explain entries of the embedding"),
        h("label", {class: "field"}, h("b", {}, "Feature"), this.feature,
          h("small", {id: "feature-help"}, "Indices of the joint space (92), with weights (92,98:0.5), or strong or detractors: " +
            "those that the text embedding selects. Empty: the score."))));
    this.more.addEventListener("click", () => { this.all = true; this.draw(); });
    const read = () => store.change({feature: this.feature.value.trim(), versus: ""}, "replace");
    this.feature.addEventListener("input", debounced(4 * typing_pause, read));
  }

  /** Of the whole classifier, in any order. */
  show(scores: readonly Score[]): void {
    this.scores = descending(scores.map(({logit}) => logit)).map((i) => scores[i]);
    this.draw();
  }

  update(state: State): void {
    if (document.activeElement !== this.feature) this.feature.value = state.feature;
    this.draw();
  }

  /** The class that is explained. */
  private explained(): string {
    const {state} = this.page.store;
    return state.target || (state.by_prompts ? state.prompts[0] : this.scores[0]?.name) || "";
  }

  /** Changes the target; a view without one gives way to the explanation. */
  private explain(change: Partial<State>): void {
    const {store} = this.page, tab = tab_named(store.state.tab);
    store.change({...change, tab: tab.target ? tab.name : "explain"});
  }

  private draw(): void {
    const {store} = this.page, {state} = store, explained = this.explained();
    const focus = this.list.contains(document.activeElement) ? document.activeElement!.getAttribute("aria-label") : null;
    const kept = [explained, state.versus];
    const shown = this.scores.filter(({name}, i) => this.all || i < most_shown() || kept.includes(name));
    replace(this.list, shown.map((score) => this.row(score, explained)));
    this.more.hidden = shown.length === this.scores.length;
    this.more.textContent = `Show all ${this.scores.length}`;
    replace(this.below, this.buttons(state, explained));
    for (const button of this.list.querySelectorAll("button")) {
      if (focus !== null && button.getAttribute("aria-label") === focus) button.focus({preventScroll: true});
    }
  }

  private row({name, logit, probability}: Score, explained: string): HTMLElement {
    const {by_prompts, versus} = this.page.store.state, is_explained = name === explained;
    const explain = h("button", {type: "button", class: "name", "aria-pressed": String(is_explained),
                                 "aria-label": `Explain ${name}: logit ${plain(logit)}, probability ${fraction(probability)}`,
                                 on: {click: () => this.explain({target: name, versus: ""})}}, name);
    const against = by_prompts || is_explained ? h("span", {class: "against"})
      : h("button", {type: "button", class: "against", "aria-pressed": String(versus === name),
                     title: `${explained} against ${name}`, "aria-label": `Explain ${explained} against ${name}`,
                     on: {click: () => this.explain({target: explained, versus: versus === name ? "" : name, feature: ""})}}, "vs");
    return h("li", {class: is_explained ? "explained" : name === versus ? "second" : undefined}, explain,
             h("div", {class: "track", "aria-hidden": "true"}, h("i", {style: {left: 0, width: `${100 * probability}%`}})),
             h("span", {class: "number"}, fraction(probability)),
             h("span", {class: "number faint", title: "logit"}, plain(logit)), against);
  }

  private buttons(state: State, explained: string): HTMLElement[] {
    if (this.scores.length === 0) return [];
    const choice = (text: string, pressed: boolean, change: Partial<State>) =>
      h("button", {type: "button", class: "link", "aria-pressed": String(pressed), on: {click: () => this.explain(change)}}, text);
    const buttons: HTMLElement[] = [];
    if (state.target !== "" && !state.by_prompts) buttons.push(choice("Follow the best class", false, {target: "", versus: ""}));
    if (!state.by_prompts && this.scores.length > 1) {
      const on = state.versus === all_others;
      buttons.push(choice(on ? `${explained} alone` : `${explained} against the mean of all others`, on,
                          {target: explained, versus: on ? "" : all_others, feature: ""}));
    }
    return buttons;
  }
}
