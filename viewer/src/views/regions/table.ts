import {h, replace} from "../../kit/dom";
import {matrix} from "../../kit/matrix";
import {first_of} from "../../kit/more";
import {largest, signed} from "../../kit/numbers";
import {lede, section} from "../../kit/section";
import type {RegionState} from "./state";

const few = 12, most = 100;  // targets; the browser is slow with more, and the list above the image has all

/** Sources × targets. A chosen cell chooses its target and region. */
export function table_section(state: RegionState): HTMLElement {
  const {sources, targets, order, regions, unit} = state.result;
  const limit = largest(targets.flatMap(({contributions}) => contributions.slice(0, regions)));
  const sum = (target: number) => targets[target].contributions.reduce((all, one) => all + one, 0);
  const box = h("div", {class: "sources"});
  const build = (count: number) => {
    const shown = order.slice(0, count);
    const name = (target: number) => h("button", {type: "button", class: "link", "data-target": target, on: {
      click: () => state.choose(target)}}, targets[target].name);
    const rows = [...sources.map((source) => source.name), "sum", unit];
    return matrix({
      rows, columns: shown.map(name), corner: "", label: "Contributions of sources to targets",
      turned: shown.length > 8 && shown.some((target) => targets[target].name.length > 9),
      values: [...sources.map((_, source) => shown.map((target) => targets[target].contributions[source])),
               shown.map(sum), shown.map((target) => targets[target].value)],
      format: (value) => signed(value),
      limit: (row) => row < regions ? limit : Infinity,
      title: (row, column) => `${rows[row]}, ${targets[shown[column]].name}`,
      on_choose: (row, column) => state.choose(shown[column], row < regions ? row : -1)});
  };
  const mark = () => {
    for (const button of box.querySelectorAll("[data-target]")) {
      button.setAttribute("aria-pressed", String(button.getAttribute("data-target") === String(state.target)));
    }
    box.querySelectorAll("tbody tr").forEach((row, at) => row.classList.toggle("chosen", at === state.region));
  };
  const things = order.length > most ? `of the ${order.length} targets` : "targets";
  replace(box, first_of(Math.min(order.length, most), few, build, things));
  state.follow(mark);
  mark();
  return section("Regions and targets",
                 lede("Contribution of each source (row) to each target (column). Choose a cell to see its target on the " +
                      "image. Only regions are coloured, all on one scale."), box);
}
