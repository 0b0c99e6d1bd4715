import {h, replace} from "../../kit/dom";
import {Field, Method, method_fields} from "../fields";
import type {Page, Part} from "../part";
import type {State} from "../state";
import {tab_named} from "../tabs";
import {OptionsForm} from "./options_form";
import {debounced, panel} from "./panel";

/** The methods with a map, by family, in the order of the server. */
export function families(methods: readonly Method[]): [string, Method[]][] {
  const groups = new Map<string, Method[]>();
  for (const method of methods) {
    if (!method.units.some((unit) => unit === "patches" || unit === "pixels" || unit === "regions")) continue;
    groups.set(method.family, [...groups.get(method.family) ?? [], method]);
  }
  return Array.from(groups);
}

const matches = (method: Method, wanted: string): boolean =>
  `${method.name} ${method.family} ${method.summary} ${method.reference}`.toLowerCase().includes(wanted);

/** The method that explains, with its options. */
export class MethodPanel implements Part {
  readonly element: HTMLElement;
  readonly search = h("input", {type: "search", placeholder: "Search the methods", "aria-label": "Search the methods"});
  private readonly list = h("div", {class: "methods"});
  private readonly about = h("div");
  private readonly chosen = h("span");
  private readonly form: OptionsForm;
  private described = "";
  private fields: Field[] = [];

  constructor(private readonly page: Page) {
    this.form = new OptionsForm((method_options) => page.store.change({method_options}));
    this.element = panel("Method", this.chosen, false, this.search, page.errors.line("method"), this.list, this.about,
                         this.form.element);
    this.search.addEventListener("input", debounced(60, () => this.filter()));
  }

  /** Shows the methods of the server. */
  show(): void {
    const {store, served} = this.page;
    replace(this.list, families(served.methods).map(([family, methods]) => h("fieldset", {}, h("legend", {}, family),
      methods.map((method) => h("label", {"data-method": method.name},
        h("input", {type: "radio", name: "method", value: method.name,
                    on: {change: () => store.change({method: method.name, method_options: {}})}}),
        h("span", {}, h("b", {}, method.name), h("small", {}, method.summary)))))));
    this.update(store.state);
    this.list.querySelector(":checked")?.closest("label")?.scrollIntoView({block: "nearest"});
  }

  update(state: State): void {
    this.element.hidden = !tab_named(state.tab).method;
    this.chosen.textContent = state.method;
    for (const input of this.list.querySelectorAll("input")) input.checked = input.value === state.method;
    const method = this.page.served.methods.find(({name}) => name === state.method);
    if (method && method.name !== this.described) this.describe(method);
    this.form.update(this.fields, state.method_options);
  }

  private describe(method: Method): void {
    this.described = method.name;
    this.fields = method_fields(method);
    const parts = [method.summary + ".", `Cost: ${method.cost}.`, method.reference ? `Reference: ${method.reference}.` : ""];
    const more = h("details", {class: "small"}, h("summary", {}, "How it is computed"), h("p", {class: "under"}, method.description));
    replace(this.about, h("p", {class: "under"}, parts.join(" ")), method.description ? more : null);
  }

  private filter(): void {
    const wanted = this.search.value.toLowerCase().trim();
    for (const label of this.list.querySelectorAll<HTMLElement>("label")) {
      const method = this.page.served.methods.find(({name}) => name === label.dataset.method)!;
      label.hidden = !matches(method, wanted);
    }
    for (const group of this.list.querySelectorAll("fieldset")) group.hidden = !group.querySelector("label:not([hidden])");
  }
}
