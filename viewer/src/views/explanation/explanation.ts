import {contents} from "../../kit/contents";
import {h} from "../../kit/dom";
import {descending} from "../../kit/numbers";
import {footer, header, settings_table} from "../../kit/section";
import type {Explanation} from "../../results";
import type {ViewContext} from "../view";
import {balances_section} from "./balances";
import {certificate_box} from "./certificate";
import {drill_down} from "./drill_down";
import {Heads} from "./heads";
import {interaction_section} from "./interaction";
import {layers_section} from "./layers";
import {ledger_section} from "./ledger";
import {MapView} from "./map_view";
import {regions_section} from "./regions";
import {scores_section} from "./scores";
import {stream_section} from "./stream";
import {summary} from "./summary";
import {parts_of_score} from "./units";
import {words_section} from "./words";
import "../../../style/views/explanation.css";

/** How to read the numbers of the page. */
function definitions(result: Explanation): HTMLElement {
  const {attribution, target, description} = result;
  const units = attribution.in_logits ? `Contributions are in units of the ${target.unit}.`
      : `The map is in the method’s own units; other contributions are in units of the ${target.unit}.`;
  const parts = parts_of_score(attribution) || result.components.blocks.length > 0
      ? ` Percentages are relative to the absolute value of the ${target.unit} and have the sign of the contribution.` : "";
  return footer(description || null, `${units}${parts} Rows count from the top and columns from the left, beginning with 0.`);
}

/** A score with its map, its ledger and its components. */
export function explanation_view(result: Explanation, context: ViewContext): HTMLElement {
  const map = new MapView(result, context);
  const heads = result.components.blocks.length > 0 ? new Heads(result, map) : null;
  const drill = drill_down(result, map, heads);
  const ledgers = [ledger_section(result), layers_section(result)];
  const sections = [regions_section(result, map), heads?.element ?? null, stream_section(result, map), words_section(result),
                    interaction_section(result, map), balances_section(result)];
  const scores = scores_section(result, context.actions);
  const links = contents([drill, ...ledgers, ...sections, scores]);  // before the drill-down's title names a patch
  map.pinned.select(descending(result.attribution.patches.map(Math.abs))[0]);
  map.element.append(drill);
  return h("div", {class: "explanation"},
    header(result.headline, result.notes, certificate_box(result), summary(result), links),
    map.element, h("div", {class: "waterfalls"}, ledgers), sections,
    h("div", {class: "tables"}, scores, result.settings.length > 0 ? h("section", {}, settings_table(result.settings)) : null),
    definitions(result));
}
