import {h} from "../../kit/dom";
import {beside, copy_of} from "../../kit/picture";
import {footer, header, section, settings_table} from "../../kit/section";
import {skipped_section} from "../../kit/skipped";
import type {Concepts} from "../../results";
import type {ViewContext} from "../view";
import {score_section} from "./score";
import {words_content} from "./words";
import "../../../style/views/concepts.css";

/** An image's embedding, and perhaps a score, in a few words. */
export function concepts_view(result: Concepts, context: ViewContext): HTMLElement {
  return h("div", {class: "concepts-view"},
           header(result.headline, result.notes),
           section("Words", h("p", {class: "text"}, result.summary),
                   h("p", {class: "text"}, `Embeddings are centred by ${result.mean}.`),
                   beside(copy_of(context.image), words_content(result))),
           score_section(result),
           skipped_section(result.skipped),
           h("section", {}, settings_table(result.settings)),
           footer(result.description));
}
