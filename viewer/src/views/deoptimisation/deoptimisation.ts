import {h} from "../../kit/dom";
import {footer, header, settings_table} from "../../kit/section";
import type {Deoptimisation} from "../../results";
import type {ViewContext} from "../view";
import {change_section} from "./change";
import {checks_section} from "./checks";
import {steps_section} from "./player";
import {runs_section} from "./runs";
import "../../../style/views/deoptimisation.css";

/** The change of an image under descent of a score, with what shows whether it says something about the target. */
export function deoptimisation_view(result: Deoptimisation, context: ViewContext): HTMLElement {
  return h("div", {class: "deoptimisation-view"},
           header(result.headline, result.notes),
           change_section(result, context),
           steps_section(result, context),
           checks_section(result, context),
           runs_section(result),
           h("section", {}, settings_table(result.settings)),
           footer(result.description));
}
