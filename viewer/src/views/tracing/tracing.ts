import {h} from "../../kit/dom";
import {footer, header, section, settings_table} from "../../kit/section";
import type {Tracing} from "../../results";
import type {ViewContext} from "../view";
import {ablations_section} from "./ablations";
import {layers_section} from "./layers";
import {maps_section} from "./maps";
import {steps_fold} from "./steps";
import "../../../style/views/tracing.css";

/** A sentence with a capital and a full stop. */
function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1) + (text.endsWith(".") ? "" : ".");
}

/** Forward tracing as published and mended: maps side by side, and where the published one departs. */
export function tracing_view(result: Tracing, context: ViewContext): HTMLElement {
  const layers = layers_section(result), steps = steps_fold(result);
  if (steps) layers.append(steps);
  return h("div", {class: "tracing-view"},
           header(result.headline, result.notes),
           maps_section(result, context),
           layers,
           result.findings.map(([heading, text]) => section(heading, h("p", {class: "text"}, sentence(text)))),
           ablations_section(result),
           h("section", {}, settings_table(result.settings)),
           footer(result.description));
}
