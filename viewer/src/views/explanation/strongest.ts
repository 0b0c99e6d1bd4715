import {h} from "../../kit/dom";
import {place} from "../../kit/grid";
import {descending, map_value, percent, sign_class} from "../../kit/numbers";
import {Selection} from "../../kit/selection";
import {table} from "../../kit/table";
import type {Explanation} from "../../results";
import type {ShownMap} from "./map_view";

const shown = 4;  // of each sign

/** The patches with the largest values of each sign. */
function chosen(values: readonly number[]): number[] {
  const order = descending(values);
  const against = order.filter((patch) => values[patch] < 0).reverse();
  return [...order.filter((patch) => values[patch] > 0).slice(0, shown), ...against.slice(0, shown)];
}

/** Strongest patches of a map; their names are buttons that select them. */
export function strongest_patches({image, target}: Explanation, map: ShownMap, selection: Selection,
                                  pinned: Selection): HTMLElement {
  const patches = chosen(map.values);
  if (patches.length === 0) return h("p", {class: "under"}, "Every patch has the value 0.");
  const button = (patch: number) => {
    const point = () => selection.select(patch);
    return h("button", {type: "button", class: "link", on: {pointerenter: point, focus: point, click: () => pinned.select(patch)}},
             place(image.grid, patch));
  };
  const value = (patch: number) => map.values[patch];
  return table(patches, [
    {title: "patch", cell: button},
    {title: map.in_units ? "contribution" : "value", number: true, cell: (patch) => map_value(value(patch), map.signed),
     class: (patch) => sign_class(value(patch))},
    ...map.parts ? [{title: `of the ${target.unit}`, number: true, cell: (patch: number) => percent(value(patch), target.value),
                     class: () => "faint"}] : []],
    {caption: `Strongest patches of ${map.name}`, label: "Strongest patches"});
}
