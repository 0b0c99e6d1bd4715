import {h} from "../../kit/dom";
import {plain, scientific} from "../../kit/numbers";
import {lede, section} from "../../kit/section";
import {table} from "../../kit/table";
import type {Tracing} from "../../results";

/** The published rules exchanged one by one. */
export function ablations_section({ablations}: Tracing): HTMLElement | null {
  if (!ablations.length) return null;
  const large = (value: number, decimals: number) => Math.abs(value) < 1e5 ? plain(value, decimals) : scientific(value);
  return section(
    "The published rules exchanged one by one",
    lede("How close the sum of the contributions is to the image embedding for each combination of rules, in float64."),
    table(ablations, [
      {title: "rules", cell: ({name}) => name, sort: ({name}) => name},
      {title: "cosine", number: true, cell: ({closeness}) => plain(closeness.cosine, 4), sort: ({closeness}) => closeness.cosine},
      {title: "norm ratio", number: true, cell: ({closeness}) => large(closeness.norm_ratio, 3), best: "low",
       sort: ({closeness}) => Math.abs(Math.log(closeness.norm_ratio))},
      {title: "distance", number: true, cell: ({closeness}) => large(closeness.distance, 4), best: "low",
       sort: ({closeness}) => closeness.distance},
      {title: "cancellation", number: true, cell: ({cancellation}) => large(cancellation, 1), best: "low",
       sort: ({cancellation}) => cancellation},
      {title: "departs first at", cell: ({first_departure}) => first_departure || "nowhere"}], {class: "ablations", label: "Exchanged rules"}),
    h("p", {class: "under"}, "Cancellation: Σ |c| over Σ |Σ c|; 1 if contributions do not cancel. Norm ratios are sorted by " +
                             "how far they are from 1."));
}
