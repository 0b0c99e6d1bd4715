import {h} from "../../kit/dom";
import {footer, header, section, settings_table} from "../../kit/section";
import {skipped_section} from "../../kit/skipped";
import type {Heads} from "../../results";
import type {ViewContext} from "../view";
import {heads_grid} from "./grid";
import {heads_list} from "./list";
import {head_words, name_of} from "./words";
import "../../../style/views/heads.css";

/** The output of attention heads in words, over many images. */
export function heads_view(result: Heads, _context: ViewContext): HTMLElement {
  const {heads} = result;
  return h("div", {class: "heads-view"},
           header(result.headline, result.notes),
           heads.length === 1 ? section(`Head ${name_of(heads[0])}`, head_words(heads[0])) : null,
           heads.length > 1 ? [heads_grid(result), heads_list(result)] : null,
           skipped_section(result.skipped),
           h("section", {}, settings_table(result.settings)),
           footer(result.description));
}
