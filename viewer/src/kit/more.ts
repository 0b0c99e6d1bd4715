import {Child, h, replace} from "./dom";
import "../../style/choice.css";

/** The first of many things, and a button that shows all of them. `build` gets how many to show. */
export function first_of(count: number, few: number, build: (shown: number) => Child, things: string): HTMLElement {
  const box = h("div", {}, build(Math.min(few, count)));
  if (count <= few) return box;
  let all = false;
  const button = h("button", {type: "button", class: "link more"});
  const name = () => { button.textContent = all ? `show ${few} only` : `show all ${count} ${things}`; };
  button.addEventListener("click", () => {
    all = !all;
    name();
    replace(box, build(all ? count : few), button);
    button.focus();
  });
  name();
  box.append(button);
  return box;
}
