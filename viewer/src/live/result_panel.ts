import {Grid} from "../kit/grid";
import {h} from "../kit/dom";
import {Selection} from "../kit/selection";
import type {Explanation, Result} from "../results";
import {view_of} from "../views/registry";
import type {Actions} from "../views/view";
import type {Answers} from "./answers";
import {replace_view} from "./carry_over";
import {models_table} from "./panels/models_table";
import type {RegionBar} from "./panels/region_bar";
import type {RegionPanel} from "./panels/region_panel";
import {same_place} from "./patch_set";
import {Pin, PinTarget} from "./pin";
import type {Pictures} from "./pictures";
import type {RegionTool} from "./region_tool";

export interface ResultParts {
  pictures: Pictures;
  actions: (result: Result) => Actions;
  region: {bar: RegionBar; panel: RegionPanel; tool: RegionTool};
}

interface Shown { view: HTMLElement; selection: Selection; result: any; }

/** The view of the last result, or of two results of two models. */
export class ResultPanel {
  readonly element = h("div", {class: "live-result", "aria-busy": "true"}, h("h1", {class: "hidden"}, "whyclip"),
                             h("div", {class: "bone huge"}));
  readonly note = h("p", {class: "stale-note", role: "status", hidden: true}, "The result below is that of the question before.");
  private view: HTMLElement | null = null;
  private selection: Selection | null = null;
  private format = "";
  private readonly pin = new Pin();

  constructor(private readonly parts: ResultParts) {}

  /** Dims a result that does not belong to the question any more, and hides that of another tab. */
  set_stale(stale: boolean, other_tab = false): void {
    this.element.classList.toggle("stale", stale);
    this.element.classList.toggle("other-tab", other_tab);
    this.note.hidden = true;
    this.set_busy(stale);
  }

  /** The question has no result: that of the one before it stays, dimmed. */
  set_failed(): void {
    this.set_busy(false);
    this.note.hidden = this.view === null || this.element.classList.contains("other-tab");
  }

  private set_busy(busy: boolean): void { this.element.setAttribute("aria-busy", String(busy)); }

  async show({first, second, problem}: Answers, is_current: () => boolean): Promise<void> {
    const answers = second ? [first, second] : [first];
    const images = await Promise.all(answers.map(({request, result}) =>
      request.body.image === undefined ? null : this.parts.pictures.load(request.body.image, result.image)));
    if (!is_current()) return;
    const focused = document.activeElement;
    const shown = answers.map(({result}, i) => this.draw(result, images[i]));
    const view = problem ? beside_problem(shown[0], problem) : second ? side_by_side(shown) : shown[0].view;
    const format = [...shown.map(({result}) => result.format), problem ? "problem" : ""].join();
    const target = this.attach_region(shown[0]);
    replace_view(this.element, format === this.format ? this.view : null, view);
    if (shown[0].result.image && this.selection && format === this.format) shown[0].selection.select(this.selection.patch);
    // An element of the region tool moved to the new view, which took its focus.
    const lost = document.activeElement !== focused && focused?.isConnected;
    if (lost && focused instanceof HTMLElement) focused.focus({preventScroll: true});
    if (target) this.pin.restore(target);
    [this.view, this.selection, this.format] = [view, shown[0].selection, format];
    this.set_stale(false);
  }

  private draw(result: Result, image: HTMLImageElement | null): Shown {
    const selection = new Selection();
    return {view: view_of(result, {image, pictures: {}, selection, actions: this.parts.actions(result)}), selection, result};
  }

  private attach_region({view, selection, result}: Shown): PinTarget | null {
    const {bar, panel, tool} = this.parts.region, stage = view.querySelector<HTMLElement>(".stage");
    const explanation = result.format === "whyclip explanation 1" ? result as Explanation : null;
    panel.set_explanation(explanation);
    if (!stage || !explanation) return null;
    const {grid, width, height} = explanation.image, frame = stage.closest(".view") ?? stage, drill = frame.querySelector(".drill");
    const target = {stage, grid, size: {width, height}, selection};
    tool.attach({...target, superpixels: (explanation.regions ?? []).map(({patches}) => patches)});
    this.pin.attach(target);
    frame.before(bar.element);
    if (drill) drill.before(panel.element);
    else frame.after(panel.element);
    panel.show(tool.patches, true);
    return target;
  }
}

function side_by_side([first, second]: readonly Shown[]): HTMLElement {
  link(first, second);
  rename_ids(second.view, "second");
  rename_landmarks(second.view, second.result.model.name);
  return h("div", {}, models_table(first.result, second.result), h("div", {class: "two-models"},
    [first, second].map(({view, result}) => column(result.model.name, view))));
}

/** The result of the first model; the problem of the second one is above it, because the result may be long. */
function beside_problem({view, result}: Shown, {model, sentence}: NonNullable<Answers["problem"]>): HTMLElement {
  return h("div", {}, column(model, h("p", {class: "error", role: "alert"}, sentence)), column(result.model.name, view));
}

const column = (model: string, content: HTMLElement): HTMLElement =>
  h("article", {"aria-label": model}, h("p", {class: "model-name"}, model), content);

/** Cursors of two results over one image move together. */
function link(first: Shown, second: Shown): void {
  const follow = (from: Shown, to: Shown) => {
    const a: Grid = from.result.image.grid, b: Grid = to.result.image.grid;
    from.selection.follow((patch) => {
      // Grids of different sizes: a cursor that already is at the place stays, so the two do not chase each other.
      if (same_place(b, to.selection.patch, a) !== patch || patch < 0) to.selection.select(same_place(a, patch, b));
    });
  };
  follow(first, second);
  follow(second, first);
}

/** Gives the parts of a second view names of their own. */
function rename_landmarks(view: HTMLElement, name: string): void {
  for (const part of view.querySelectorAll("section, nav")) {
    const title = part.getAttribute("aria-label") ?? part.querySelector("h2, h3")?.textContent;
    part.removeAttribute("aria-labelledby");
    if (title) part.setAttribute("aria-label", `${title}, ${name}`);
  }
}

/** Gives the elements of a second view ids of their own. */
function rename_ids(view: HTMLElement, suffix: string): void {
  const known = new Set(Array.from(view.querySelectorAll("[id]"), ({id}) => id));
  for (const element of view.querySelectorAll("[id]")) element.id += `-${suffix}`;
  for (const name of ["aria-labelledby", "aria-describedby", "aria-controls", "for", "list"]) {
    for (const element of view.querySelectorAll(`[${name}]`)) {
      const ids = element.getAttribute(name)!.split(" ");
      element.setAttribute(name, ids.map((id) => known.has(id) ? `${id}-${suffix}` : id).join(" "));
    }
  }
  for (const link of view.querySelectorAll<HTMLAnchorElement>("a[href^='#']")) {
    if (known.has(link.hash.slice(1))) link.setAttribute("href", `${link.hash}-${suffix}`);
  }
}
