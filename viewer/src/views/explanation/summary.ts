import {map_value, percent, plain, signed} from "../../kit/numbers";
import {tiles} from "../../kit/section";
import type {Explanation} from "../../results";
import {has_total, parts_of_score, sum} from "./units";

/** The score and its main sums. */
export function summary({attribution, target}: Explanation): HTMLElement {
  const {patches, in_logits, complete, signed: with_signs, ledger, residual} = attribution;
  const in_favour = sum(patches.filter((value) => value > 0)), against = sum(patches.filter((value) => value < 0));
  const not_whole = `contributions do not add up to the ${target.unit}`;
  const part = (value: number) => parts_of_score(attribution) ? percent(value, target.value) : "";
  const seen = attribution.patch_sum, rest = attribution.sum - seen;
  return tiles([
    {label: target.unit, value: plain(target.value, 4)},
    in_logits ? {label: "from the patches", value: map_value(seen, with_signs),
                 detail: complete || has_total(attribution) ? part(seen) : not_whole}
              : {label: "sum over the patches", value: map_value(seen, with_signs),
                 detail: `method’s own units, not parts of the ${target.unit}`},
    ...with_signs ? [{label: "patches in favour", value: signed(in_favour), class: "positive"},
                     {label: "patches against", value: signed(against), class: "negative"}] : [],
    ...has_total(attribution) ? [{label: ledger ? "not from the image" : "not on the patches", value: signed(rest), detail: part(rest)}] : [],
    ...has_total(attribution) && !complete ? [{label: "residual", value: signed(residual ?? 0), detail: not_whole}] : []]);
}
