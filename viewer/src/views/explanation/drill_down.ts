import {bars} from "../../kit/bars";
import {Child, h, replace} from "../../kit/dom";
import {place} from "../../kit/grid";
import {line_chart} from "../../kit/line_chart";
import {first_of} from "../../kit/more";
import {percent} from "../../kit/numbers";
import type {Explanation} from "../../results";
import type {Heads} from "./heads";
import type {MapView} from "./map_view";
import {boundary_labels} from "./stream";
import {number, parts_of_score, unit_of} from "./units";
import {columns_of_patch} from "./interaction";

const few_heads = 8;

function through_layers(result: Explanation, patch: number): HTMLElement | null {
  const {ledger, in_logits} = result.attribution;
  if (!ledger || ledger.stream.length === 0 || !in_logits) return null;
  const values = ledger.stream.map((tokens) => tokens[1 + patch]);
  return h("div", {}, h("h3", {}, "Through which layers"),
    line_chart({lines: [{name: "contribution", points: values.map((value, boundary) => [boundary, value])}],
                label: `Contribution of the token at ${place(result.image.grid, patch)} before each block`,
                x: "before block", y: unit_of(result), labels: boundary_labels(ledger.stream), points: true, width: 520, height: 240,
                y_range: [Math.min(0, ...values), Math.max(1e-9, ...values)]}),
    h("p", {class: "under"}, "The contribution of the token at this position. Before block 0, it is the patch with its position " +
                             "embedding and the bias of the first norm; later, it also holds what the token has read from other " +
                             "tokens. After the last block, only the class token counts."));
}

interface HeadOfPatch { block: number; head: number; value: number; }

function through_heads(result: Explanation, heads: Heads, patch: number): HTMLElement | null {
  const all = result.components.blocks.flatMap(({head_tokens}, block): HeadOfPatch[] =>
    head_tokens.map((tokens, head) => ({block, head, value: tokens[1 + patch]})));
  if (all.length === 0) return null;
  all.sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  const name = ({block, head}: HeadOfPatch) =>
    h("button", {type: "button", class: "link", on: {click: () => heads.show(block, head)}}, `block ${block}, head ${head}`);
  return h("div", {}, h("h3", {}, "Through which heads"),
    first_of(all.length, few_heads, (shown) =>
      bars(all.slice(0, shown).map((one) => ({name: name(one), value: one.value})), {signed: true, limit: Math.abs(all[0].value)}), "heads"),
    h("p", {class: "under"}, "What each head writes directly into the class token from this token. Choose a head to see all that it reads."));
}

function through_words(result: Explanation, patch: number): HTMLElement | null {
  const {interaction} = result;
  if (!interaction) return null;
  const columns = columns_of_patch(result, patch);
  if (columns.length === 0) return null;
  const column = columns[0], width = interaction.regions.length;
  return h("div", {}, h("h3", {}, "Through which words"),
    bars(interaction.words.map((word, row) => ({name: word, value: interaction.contributions[row * width + column]})), {signed: true}),
    h("p", {class: "under"}, result.regions ? `Contributions of the region ${interaction.regions[column]}, to which the patch belongs, ` +
                                              "by word." : "Contributions of the patch by word."));
}

/** The selected patch: through which layers, heads and words it contributes. */
export function drill_down(result: Explanation, view: MapView, heads: Heads | null): HTMLElement {
  const title = h("h2", {id: "selected-patch-title"}, "Selected patch"), body = h("div", {class: "drill-parts"});
  const summary = h("p", {class: "lede"});
  const show = (patch: number) => {
    if (patch < 0) return;
    const {attribution, target, image} = result, value = attribution.patches[patch];
    const part = parts_of_score(attribution) ? percent(value, target.value) : "";
    const region = result.regions?.find(({patches}) => patches.includes(patch));
    replace(title, `Patch at ${place(image.grid, patch)}`);
    replace(summary, number(value), attribution.in_logits ? ` ${unit_of(result)}` : " in the method’s own units",
            part ? `, ${part} of the ${target.unit}` : "", region ? `, in the region ${region.name}` : "",
            ". Click another patch, or press Enter on it, to select it.");
    const parts: Child[] = [through_layers(result, patch), heads ? through_heads(result, heads, patch) : null, through_words(result, patch)];
    replace(body, parts);
  };
  view.pinned.follow(show);
  show(view.pinned.patch);
  return h("section", {class: "drill", id: "selected-patch", "aria-labelledby": "selected-patch-title"}, title, summary, body);
}
