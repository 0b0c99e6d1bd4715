import {contents} from "../../kit/contents";
import {h} from "../../kit/dom";
import {header, section, settings_table} from "../../kit/section";
import type {Evaluation} from "../../results";
import type {ViewContext} from "../view";
import {agreement_section} from "./agreement";
import {best_section} from "./best";
import {category_sections} from "./categories";
import {closely_section} from "./closely";
import {curves_section} from "./curves";
import {overview_section} from "./overview";
import {reading_section, unused_section} from "./reading";
import "../../../style/views/evaluation.css";

/** How well methods explain a model: methods × metrics over the images of a data set. */
export function evaluation_view(result: Evaluation, _context: ViewContext): HTMLElement {
  const sections = [
    best_section(result), overview_section(result), ...category_sections(result), closely_section(result), curves_section(result),
    agreement_section(result), unused_section(result), section("Settings", settings_table(result.settings, null)), reading_section()];
  return h("div", {class: "evaluation"}, header(result.headline, result.notes, contents(sections)), sections);
}
