import {h, replace} from "../../kit/dom";
import type {Page, Part} from "../part";
import {compared_methods} from "../request";
import type {State} from "../state";
import {Tab, tab_named} from "../tabs";
import {families} from "./method_panel";
import {OptionsForm} from "./options_form";

/** Above the result: what the tab answers, and its options. */
export class QuestionPanel implements Part {
  private readonly title = h("p", {class: "eyebrow"});
  private readonly form: OptionsForm;
  private readonly options = h("details", {class: "small tab-options"}, h("summary", {}, "Options"));
  private readonly chooser: MethodChooser;
  readonly element: HTMLElement;
  private tab: Tab | null = null;

  constructor(page: Page) {
    this.form = new OptionsForm((options) => page.store.change({options}));
    this.options.append(this.form.element);
    this.chooser = new MethodChooser(page);
    this.element = h("div", {class: "tab-question"}, this.title, this.chooser.element, this.options, page.errors.line("options"));
  }

  update(state: State): void {
    const tab = tab_named(state.tab);
    if (tab !== this.tab) {
      this.tab = tab;
      this.title.textContent = tab.question;
      this.options.hidden = tab.fields.length === 0;
    }
    this.form.update(tab.fields, state.options);
    this.chooser.element.hidden = tab.name !== "compare";
    if (tab.name === "compare") this.chooser.update(state);
  }
}

/** The methods of a comparison: chosen first, computed with the button. */
class MethodChooser {
  private readonly list = h("div", {class: "chooser"});
  private readonly button = h("button", {type: "submit", class: "action"}, "Compare these");
  private readonly count = h("summary");
  readonly element = h("details", {class: "small"}, this.count,
                       h("form", {on: {submit: (event: Event) => this.apply(event)}}, this.list, this.button));
  private shown = "";

  constructor(private readonly page: Page) {}

  update(state: State): void {
    const {methods} = this.page.served, chosen = compared_methods(state, methods);
    const key = `${methods.length} ${chosen.join()}`;
    if (key === this.shown) return;
    this.shown = key;
    replace(this.list, families(methods).map(([family, members]) => {
      const boxes = members.map(({name}) => h("input", {type: "checkbox", value: name, checked: chosen.includes(name)}));
      const toggle = () => {
        const on = !boxes.every((box) => box.checked);
        for (const box of boxes) box.checked = on;
        this.tell();
      };
      return h("fieldset", {on: {change: () => this.tell()}},
               h("legend", {}, h("button", {type: "button", class: "link", title: "All or none of this family",
                                            on: {click: toggle}}, family)),
               boxes.map((box, i) => h("label", {class: "switch", title: members[i].summary}, box, ` ${members[i].name}`)));
    }));
    this.tell();
  }

  private chosen(): string[] {
    return Array.from(this.list.querySelectorAll<HTMLInputElement>("input:checked"), ({value}) => value);
  }

  private tell(): void {
    const {length} = this.chosen();
    this.count.textContent = `Methods: ${length} of ${this.list.querySelectorAll("input").length}`;
    this.button.disabled = length === 0;
  }

  private apply(event: Event): void {
    event.preventDefault();
    this.page.store.change({methods: this.chosen()});
  }
}
