import {h} from "./dom";
import "../../style/choice.css";

/** A list to choose one of. `act` gets the position of the chosen name. */
export function choice(label: string, names: readonly (string | number)[], at: number,
                       act: (at: number) => void): HTMLLabelElement {
  const select = h("select", {}, names.map((name, i) => h("option", {value: i, selected: i === at}, name)));
  select.addEventListener("change", () => act(select.selectedIndex));
  return h("label", {class: "choice"}, h("span", {}, label), " ", select);
}

/** A box to tick. */
export function checkbox(label: string, checked: boolean, act: (checked: boolean) => void): HTMLLabelElement {
  const input = h("input", {type: "checkbox", checked});
  input.addEventListener("change", () => act(input.checked));
  return h("label", {class: "switch"}, input, ` ${label}`);
}
