import {Child, h, replace} from "../../kit/dom";
import {descending, fraction, map_value, percent, plain, sign_class, signed} from "../../kit/numbers";
import {table} from "../../kit/table";
import type {Explanation} from "../../results";
import {parts_of_score, unit_of} from "../../views/explanation/units";
import {sentence_of} from "../errors";
import type {Page} from "../part";
import type {Removal} from "../../results";
import {removal_request} from "../request";
import type {Runner} from "../runner";

const most_shown = 8;  // classes of the ranking
const fills: Record<string, string> = {drop: "tokens left out", mean: "mean colour", blur: "blurred"};

/** Under the stage: what the marked patches contribute, and the score when they are really removed. */
export class RegionPanel {
  readonly element = h("section", {class: "marked", "aria-label": "Marked patches", hidden: true});
  private readonly sum = h("p", {class: "region-sum", role: "status"});
  private readonly effect = h("div");
  private explanation: Explanation | null = null;

  constructor(private readonly page: Page, private readonly runner: Runner, clear: () => void) {
    const button = h("button", {type: "button", class: "action", on: {click: clear}}, "Clear");
    this.element.append(h("div", {class: "region-head"}, this.sum, button), this.effect);
  }

  set_explanation(explanation: Explanation | null): void {
    this.explanation = explanation;
    replace(this.effect);
  }

  /** Shows the sum at once; the score without the patches is asked for when `done`. */
  show(patches: readonly number[], done: boolean): void {
    this.element.hidden = patches.length === 0 || this.explanation === null;
    if (this.element.hidden) return this.runner.cancel();
    const {rows, columns} = this.explanation!.image.grid, inside = patches.filter((patch) => patch < rows * columns);
    const others = patches.length - inside.length;
    const ignored = others > 0 ? `${others} marked ${others === 1 ? "patch is" : "patches are"} ignored: ` +
                                 `the grid has ${rows} × ${columns} patches, numbered from 0 to ${rows * columns - 1}.` : "";
    replace(this.sum, inside.length > 0 ? [this.summary(this.explanation!, inside), " "] : null, ignored);
    if (inside.length === 0) {
      this.runner.cancel();
      replace(this.effect);
    } else if (done) void this.remove(inside);
    else this.effect.classList.add("stale");
  }

  private summary(explanation: Explanation, patches: readonly number[]): Child[] {
    const {attribution, target} = explanation;
    const sum = patches.reduce((total, patch) => total + (attribution.patches[patch] ?? 0), 0);
    const count = `${patches.length} ${patches.length === 1 ? "patch" : "patches"}`;
    const value = attribution.in_logits ? sum : sum / patches.length;
    const number = h("b", {class: attribution.signed ? sign_class(value) : undefined}, map_value(value, attribution.signed));
    if (!attribution.in_logits) {
      return [`${count}: mean value `, number, ". The values are in the method’s own units, so they are not added."];
    }
    const part = parts_of_score(attribution) ? percent(sum, target.value) : "";
    return [`${count}: sum of the contributions `, number, ` ${unit_of(explanation)}`, part ? ` (${part} of the score)` : "", "."];
  }

  private async remove(patches: readonly number[]): Promise<void> {
    if (this.effect.childElementCount === 0) replace(this.effect, h("p", {class: "faint"}, "Computing the score without them …"));
    this.effect.classList.add("stale");
    try {
      const answer = await this.runner.ask(removal_request({...this.page.store.state, patches}));
      if (!answer) return;
      const removal = answer.result as Removal;
      replace(this.effect, this.ways(removal), this.ranking(removal));
      this.effect.classList.remove("stale");
    } catch (error) {
      replace(this.effect, h("p", {class: "error", role: "alert"}, sentence_of(error)));
      this.effect.classList.remove("stale");
    }
  }

  private ways({target, ways}: Removal): HTMLElement {
    const change = (value: number) => `${plain(value)} (${signed(value - target.value, 2)})`;
    return table(ways, [
      {title: "Replacement", cell: ({fill}) => fills[fill] ?? fill},
      {title: "without them", number: true, cell: ({removed}) => change(removed)},
      {title: "only them", number: true, cell: ({only}) => change(only)},
    ], {caption: `Score of “${target.name}”: ${plain(target.value)} for the whole image`});
  }

  private ranking({scores, scores_removed}: Removal): HTMLElement | null {
    if (scores_removed.length < 2) return null;
    const places = new Map(descending(scores.map(({logit}) => logit)).map((i, place) => [scores[i].name, place + 1]));
    const rows = descending(scores_removed.map(({logit}) => logit)).slice(0, most_shown).map((i) => scores_removed[i]);
    return table(rows, [
      {title: "Without them", cell: ({name}) => name},
      {title: "probability", number: true, cell: ({probability}) => fraction(probability)},
      {title: "logit", number: true, cell: ({logit}) => plain(logit)},
      {title: "rank before", number: true, cell: ({name}) => places.get(name)},
    ], {caption: "Ranking when the tokens are left out"});
  }
}
