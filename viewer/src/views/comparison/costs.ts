import {h} from "../../kit/dom";
import {compact, duration} from "../../kit/numbers";
import {section} from "../../kit/section";
import {Column, table} from "../../kit/table";
import type {Comparison} from "../../results";
import {correlation, Method, method_name, residual, unit_of} from "./compared_map";

/** What the methods cost and whether they add up, as a table that can be sorted. */
export function costs_section(result: Comparison): HTMLElement {
  const unit = unit_of(result), removal = result.removal_effects.length > 0;
  const number = (title: string, cell: Column<Method>["cell"], sort: (method: Method) => number | null,
                  best: "high" | "low", hint: string): Column<Method> => ({title, cell, sort, best, hint, number: true});
  const columns: Column<Method>[] = [
    {title: "method", cell: method_name, sort: method_name},
    {title: "family", cell: ({attribution}) => attribution.family, sort: ({attribution}) => attribution.family},
    number("time", ({attribution}) => attribution.seconds === null ? "–" : duration(attribution.seconds),
           ({attribution}) => attribution.seconds, "low", "wall time of the method"),
    ...(removal ? [number("removal", (method) => correlation(method.removal_correlation), (method) => method.removal_correlation,
                          "high", "rank correlation with the true effect of removing each patch")] : []),
    number("patches", ({attribution}) => compact(attribution.patch_sum), ({attribution}) => attribution.patch_sum, "high",
           "sum over the patches"),
    number("elsewhere", ({attribution}) => attribution.elsewhere === null ? "–" : compact(attribution.elsewhere),
           ({attribution}) => attribution.elsewhere, "high", "class token, biases, the value without patches"),
    number("residual", ({attribution}) => residual(attribution.residual),
           ({attribution}) => attribution.residual === null ? null : Math.abs(attribution.residual), "low",
           "total − (patches + elsewhere), sorted by size"),
    {title: "unit", cell: ({attribution}) => attribution.in_logits ? unit : "none",
     sort: ({attribution}) => attribution.in_logits ? unit : "none"},
    {title: "cost", cell: ({cost}) => cost},
    {title: "source", cell: ({reference}) => reference}];
  return section("What they cost and whether they add up",
    table(result.methods, columns, {class: "costs", label: "Costs of the methods"}),
    h("p", {class: "under"}, "Cost in forward passes F and backward passes B. Residual: the difference between patches and elsewhere (class token, biases, the value without patches) and the value that they should add up to; “–” if the method has no such value.",
      removal ? " Removal: rank correlation with what the score loses when the patch is removed." : null,
      " A sum of patches without a unit compares with nothing."));
}
