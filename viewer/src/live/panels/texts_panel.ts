import {h} from "../../kit/dom";
import type {Page, Part} from "../part";
import {join_names, split_names, split_prompts, State, with_known_target} from "../state";
import {debounced, panel, segments, typing_pause} from "./panel";

/** What the image is compared with: classes in templates, or whole sentences. */
export class TextsPanel implements Part {
  readonly element: HTMLElement;
  readonly field = h("textarea", {rows: 2, spellcheck: "false", autocapitalize: "none", autocomplete: "off"});
  private readonly kind = segments("Compare with", ["classes", "prompts"], ["Classes", "Sentences"],
                                   (name) => this.choose(name === "prompts"));
  private readonly templates = h("select", {}, h("option", {value: "imagenet"}, "imagenet (80 sentences)"),
                                 h("option", {value: "simple"}, "simple (one sentence)"));
  private readonly templates_label = h("label", {class: "field inline"}, h("b", {}, "Templates"), this.templates);
  private readonly hint = h("small", {id: "texts-hint"});
  private readonly summary = h("span");

  constructor(private readonly page: Page) {
    this.field.setAttribute("aria-describedby", this.hint.id);
    this.element = panel("Texts", this.summary, false, this.kind.element, this.field, this.hint, page.errors.line("texts"),
                         this.templates_label);
    const read = debounced(typing_pause, () => this.read());
    this.field.addEventListener("input", read);
    this.field.addEventListener("change", () => this.read());
    this.templates.addEventListener("change", () => page.store.change({templates: this.templates.value}));
  }

  update(state: State): void {
    this.kind.set(state.by_prompts ? "prompts" : "classes");
    this.templates.value = state.templates;
    this.templates_label.hidden = state.by_prompts;
    this.field.setAttribute("aria-label", state.by_prompts ? "Sentences" : "Classes");
    this.hint.textContent = state.by_prompts ? "One sentence a line." : "With commas between them, or one a line.";
    const model = this.page.served.models.find(({id}) => id === state.model) ?? this.page.served.models[0];
    this.field.placeholder = state.by_prompts ? "a drawing of a cat." : join_names(model?.default_classes ?? []) || "cat, dog, horse";
    if (document.activeElement !== this.field) {
      this.field.value = state.by_prompts ? state.prompts.join("\n") : join_names(state.classes);
    }
    const names = state.by_prompts ? state.prompts : state.classes.length > 0 ? state.classes : model?.default_classes ?? [];
    this.summary.textContent = names.join(", ");
  }

  private choose(by_prompts: boolean): void {
    this.page.store.change({by_prompts, target: "", versus: ""});
    this.field.focus();
    this.field.value = by_prompts ? this.page.store.state.prompts.join("\n") : join_names(this.page.store.state.classes);
  }

  private read(): void {
    const {store} = this.page, {by_prompts} = store.state;
    const change = by_prompts ? {prompts: split_prompts(this.field.value)} : {classes: split_names(this.field.value)};
    store.change(with_known_target({...store.state, ...change}), "replace");
  }
}
