import {h} from "../../kit/dom";
import {beside} from "../../kit/picture";
import {figure, section} from "../../kit/section";
import {small_map} from "../../kit/small_map";
import {table} from "../../kit/table";
import type {Deoptimisation} from "../../results";
import type {ViewContext} from "../view";

function correlation_text(value: number | null): string {
  return value === null ? "none" : (value < 0 ? "−" : "+") + Math.abs(value).toFixed(2);
}

function checks_table({check}: Deoptimisation, control: boolean, removal: boolean): HTMLElement {
  const map = "change for this target", random = "change for a random direction", effects = "removal effects";
  const rows: [string, string, number | null][] = [
    ...(removal ? [[map, effects, check.removal] as [string, string, number | null]] : []),
    ...(removal && control ? [[random, effects, check.control_removal] as [string, string, number | null]] : []),
    ...(control ? [[map, random, check.control] as [string, string, number | null]] : [])];
  return table(rows, [{title: "rank correlation by patch", cell: ([one]) => one}, {title: "with", cell: ([, other]) => other},
                      {title: "correlation", number: true, cell: ([, , value]) => correlation_text(value)}],
               {class: "compact", label: "Rank correlations"});
}

/** Whether the change says something about the target: removal effects and controls. */
export function checks_section(result: Deoptimisation, context: ViewContext): HTMLElement | null {
  const control = result.runs.some((run) => run.control), removal = result.effects.length > 0;
  if (!control && !removal) return null;
  const map = removal ? small_map({image: context.image, grid: result.image.grid, values: result.effects,
                                   selection: context.selection, label: "Removal effects"}) : null;
  const what = [removal ? "The removal effect of a patch is the decrease of the loss’s score without the patch’s token, " +
                          "which is not computed." : "",
                removal && control ? "A map that is specific to the target correlates more with the removal effects than " +
                                     "the map for a random direction does." : ""];
  return section("Checks", beside(map ? figure(map, "removal effects") : null, checks_table(result, control, removal),
                                  h("p", {class: "under"}, what.join(" "))));
}
