import {Child, h} from "../../kit/dom";
import {plain, sign_class, signed} from "../../kit/numbers";
import {table} from "../../kit/table";
import type {Tracing} from "../../results";
import type {Variant} from "./variants";

interface Row { name: string; of: (variant: Variant) => number | null; }

/** What patches, class token and biases add up to, by variant. */
export function contributions_table(result: Tracing): Child[] {
  const {unit, value} = result.target;
  const rows: Row[] = [
    {name: "patches", of: ({map}) => map && map.sum - map.class_token - map.biases},
    {name: "class token", of: ({map}) => map && map.class_token},
    {name: "biases", of: ({map, own_biases}) => own_biases ? map && map.biases : null},
    {name: "sum", of: ({map}) => map && map.sum},
    {name: unit === "logit" ? "their logit" : "their value", of: (variant) => variant.map && variant.value}];
  const divided = result.variants.some(({map, own_biases}) => map && !own_biases);
  return [table(rows, [
    {title: `${unit} of the model: ${plain(value, 4)}`, cell: ({name}) => name},
    ...result.variants.map((variant) => ({
      title: variant.rules, number: true,
      cell: ({of}: Row) => {
        const number = of(variant);
        return number === null ? "–" : signed(number);
      },
      class: ({of}: Row) => of(variant) === null ? "" : sign_class(of(variant) ?? 0)}))],
    {class: "compared", row_class: ({name}) => name === "sum" ? "sum" : undefined, label: "Contributions"}),
    divided ? h("p", {class: "under"}, "Biases –: the published rules divide them among the tokens.") : null];
}
