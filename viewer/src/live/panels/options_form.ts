import {h, replace, unique_id} from "../../kit/dom";
import {Field, value_of, with_value} from "../fields";

type Values = Readonly<Record<string, string>>;

interface Control { element: HTMLElement; set: (value: string) => void; }

function labelled(field: Field, input: HTMLElement): HTMLElement {
  const help = unique_id("help");
  input.setAttribute("aria-describedby", help);
  return h("label", {class: field.kind === "check" ? "field check" : "field"},
           field.kind === "check" ? [input, h("b", {}, field.label)] : [h("b", {}, field.label), input],
           h("small", {id: help}, field.help));
}

function control(field: Field, change: (value: string) => void): Control {
  if (field.kind === "check") {
    const input: HTMLInputElement = h("input", {type: "checkbox", on: {change: () => change(input.checked ? "yes" : "no")}});
    return {element: labelled(field, input), set: (value) => { input.checked = value === "yes"; }};
  }
  if (field.kind === "choice") {
    const input: HTMLSelectElement = h("select", {on: {change: () => change(input.value)}},
                    field.choices!.map((name) => h("option", {value: name}, name)));
    return {element: labelled(field, input), set: (value) => { input.value = value; }};
  }
  const suggestions = field.choices?.length ? unique_id("list") : undefined;
  const input: HTMLInputElement = h("input", {type: field.kind, list: suggestions, step: field.whole ? 1 : "any", min: field.least,
                            max: field.most, autocomplete: "off", spellcheck: "false",
                            on: {change: () => { if (input.reportValidity()) change(input.value.trim()); }}});
  const element = labelled(field, input);
  if (suggestions) element.append(h("datalist", {id: suggestions}, field.choices!.map((value) => h("option", {value}))));
  return {element, set: (value) => { if (document.activeElement !== input) input.value = value; }};
}

/** A form of fields whose values are in the state; it is made again only when the fields change. */
export class OptionsForm {
  readonly element = h("div", {class: "fields"});
  private fields: readonly Field[] = [];
  private controls: Control[] = [];
  private values: Values = {};

  constructor(private readonly on_change: (values: Record<string, string>) => void) {}

  update(fields: readonly Field[], values: Values): void {
    this.values = values;
    if (fields !== this.fields) {
      this.fields = fields;
      this.controls = fields.map((field) =>
        control(field, (value) => this.on_change(with_value(field, this.values, value))));
      replace(this.element, this.controls.map(({element}) => element));
    }
    this.fields.forEach((field, i) => this.controls[i].set(value_of(field, values)));
  }
}
