import {h, replace} from "../../kit/dom";
import type {ServedModel} from "../api";
import type {Page, Part} from "../part";
import type {State} from "../state";
import {panel} from "./panel";

/** The model, and a second one to compare it with. */
export class ModelPanel implements Part {
  readonly element: HTMLElement;
  private readonly first = h("select", {});
  private readonly second = h("select", {});
  private readonly both = h("div", {class: "fields"}, h("label", {class: "field"}, h("b", {}, "Model"), this.first),
                            h("label", {class: "field"}, h("b", {}, "Compare with"), this.second));
  private readonly about = h("p", {class: "under"});
  private readonly name = h("span");

  constructor(private readonly page: Page) {
    this.element = panel("Model", this.name, false, page.errors.line("model"), this.both, this.about);
    const {store} = page;
    this.first.addEventListener("change", () => {
      const {second_model} = store.state;
      store.change({model: this.first.value, second_model: second_model === this.first.value ? "" : second_model, patches: []});
    });
    this.second.addEventListener("change", () => store.change({second_model: this.second.value}));
  }

  update(state: State): void {
    const {models} = this.page.served;
    if (models.length === 0) return;
    const model = models.find(({id}) => id === state.model) ?? models[0];
    const option = (one: ServedModel) => h("option", {value: one.id}, one.name);
    replace(this.first, models.map(option));
    this.first.value = model.id;
    replace(this.second, h("option", {value: ""}, "no other model"), models.filter(({id}) => id !== model.id).map(option));
    this.second.value = state.second_model;
    this.both.hidden = models.length < 2;
    this.name.textContent = model.name;
    const alone = "To compare models, start whyclip serve with several --model options.";
    replace(this.about, `${model.name}: ${model.rows} × ${model.columns} patches. `, models.length < 2 ? alone : "");
  }
}
