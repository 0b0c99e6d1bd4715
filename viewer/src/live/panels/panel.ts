import {Child, h} from "../../kit/dom";

export const is_narrow = (): boolean => window.matchMedia("(max-width: 900px)").matches;

/** A part of the question that folds; on a narrow screen it is closed at first, unless `important`. */
export function panel(title: string, summary: Child, important: boolean, ...children: Child[]): HTMLDetailsElement {
  return h("details", {class: "side-panel", open: important || !is_narrow()},
           h("summary", {}, h("h2", {}, title), summary ? h("span", {class: "faint"}, summary) : null),
           h("div", {class: "side-panel-body"}, children));
}

/** Calls `act` when nothing has happened for a while. */
export function debounced(milliseconds: number, act: () => void): () => void {
  let timer = 0;
  return () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(act, milliseconds);
  };
}

export const typing_pause = 20;  // milliseconds

/** One of several choices, as a row of radio buttons that look like one control. */
export function segments<Name extends string>(legend: string, names: readonly Name[], titles: readonly string[],
                                              on_choose: (name: Name) => void): {element: HTMLElement; set: (name: Name) => void} {
  const group = `segments-${++groups}`;
  const inputs = names.map((name) => h("input", {type: "radio", name: group, value: name, on: {change: () => on_choose(name)}}));
  const element = h("fieldset", {class: "styles"}, h("legend", {}, legend),
                    inputs.map((input, i) => h("label", {}, input, h("span", {}, titles[i]))));
  return {element, set: (name) => inputs.forEach((input) => { input.checked = input.value === name; })};
}
let groups = 0;
