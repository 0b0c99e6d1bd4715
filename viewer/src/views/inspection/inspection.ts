import {h} from "../../kit/dom";
import {beside, copy_of} from "../../kit/picture";
import {footer, header, lede, section, settings_table} from "../../kit/section";
import type {Inspection} from "../../results";
import type {ViewContext} from "../view";
import {beyond_section} from "./beyond";
import {confidences_section} from "./confidences";
import {histogram} from "./histogram";
import {products_section} from "./products";
import {quantities_table} from "./quantities";
import "../../../style/views/inspection.css";

/** What a score is made of: norms, cosine, the effect of the logit scale, and the products of single indices. */
export function inspection_view(result: Inspection, context: ViewContext): HTMLElement {
  const {histogram: h_, score, thresholds} = result;
  return h("div", {class: "inspection-view"},
           header(result.headline, result.notes),
           section("From embeddings to logit", beside(copy_of(context.image), quantities_table(result))),
           confidences_section(result, context),
           section("Distribution of the values",
                   lede("Histograms of the values of each embedding; values in the shaded areas are beyond the threshold."),
                   h("div", {class: "tables"},
                     histogram("image embedding", h_.bins, h_.image, score.image, thresholds.image),
                     histogram("text embedding", h_.bins, h_.text, score.text, thresholds.text))),
           beyond_section(result),
           products_section(result),
           h("section", {}, settings_table(result.settings)),
           footer(result.description,
                  "Indices count from 0. Contributions are in logits. Percentages are relative to the logit’s absolute " +
                  "value and have the sign of the contribution."));
}
