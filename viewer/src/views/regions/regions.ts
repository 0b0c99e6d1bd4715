import {h} from "../../kit/dom";
import {compact} from "../../kit/numbers";
import {file_name} from "../../kit/picture";
import {footer, header, settings_table, tiles} from "../../kit/section";
import type {Regions} from "../../results";
import type {ViewContext} from "../view";
import {lists_section, sum_section} from "./lists";
import {stage_section} from "./stage";
import {RegionState} from "./state";
import {table_section} from "./table";
import "../../../style/views/regions.css";

function headline({image, targets, unit}: Regions): string {
  const to = targets.length === 1 ? `“${targets[0].name}”` : unit === "feature" ? "each feature" : "each score";
  return `What does each region of ${file_name(image.name)} contribute to ${to}?`;
}

function numbers({method, regions, targets, completeness_error}: Regions): HTMLElement {
  return tiles([
    {label: "regions", value: String(regions)}, {label: "targets", value: String(targets.length)},
    {label: "method", value: method},
    {label: "completeness error", value: compact(completeness_error, 2),
     detail: "‖Σ vectors − embedding‖ / ‖embedding‖"}]);
}

/** What each region of an image contributes to every target at once. */
export function regions_view(result: Regions, context: ViewContext): HTMLElement {
  const state = new RegionState(result), empty = result.empty_regions;
  const skipped = empty.length ? [`Regions without a patch, which are not shown: ${empty.join(", ")}.`] : [];
  const notes = [...result.notes, ...skipped];
  return h("div", {class: "regions-view"},
           header(headline(result), notes, numbers(result)),
           stage_section(state, context), lists_section(state), table_section(state), sum_section(state),
           h("section", {}, settings_table(result.settings)),
           footer("Regions are propagated forward through the network, so a region’s contributions to all targets come from " +
                  "one pass. Class token, positions and biases are on no region. The completeness error compares the sum of " +
                  "all contributions with the image embedding."));
}
