import {h} from "../../kit/dom";
import {plain} from "../../kit/numbers";
import {lede, section} from "../../kit/section";
import {waterfall, WaterfallEntry} from "../../kit/waterfall";
import type {Explanation} from "../../results";
import {has_total, Ledger, sum} from "./units";

/** "block 3" of a trace point in a block; otherwise empty. */
function block_of(trace_point: string): string {
  const found = /\.blocks\.(\d+)\./.exec(trace_point);
  return found ? `block ${found[1]}` : "";
}

/** Biases in the order of the network, those of one block together. */
export function bias_entries(biases: Ledger["biases"]): WaterfallEntry[] {
  const groups: {name: string; members: WaterfallEntry[]}[] = [];
  for (const {trace_point, contribution} of biases) {
    const leaf = trace_point.slice(trace_point.lastIndexOf(".") + 1), of_op = leaf !== trace_point;
    const entry = {name: of_op ? `${leaf} bias` : leaf, note: of_op ? trace_point : undefined, value: contribution};
    const name = block_of(trace_point), last = groups[groups.length - 1];
    if (name && last?.name === name) last.members.push(entry);
    else groups.push({name, members: [entry]});
  }
  return groups.map(({name, members}) => members.length === 1 ? members[0] : grouped(name, members, "sources"));
}

/** An entry that is made of others. */
export function grouped(name: string, members: WaterfallEntry[], things: string): WaterfallEntry {
  return {name, note: `${members.length} ${things}`, value: sum(members.map(({value}) => value)), members};
}

function entries_of({attribution}: Explanation): WaterfallEntry[] {
  const {patches, patch_sum, ledger, elsewhere} = attribution;
  const from_patches = {name: `${patches.length} patches`, note: "the heatmap", value: patch_sum};
  if (!ledger) return elsewhere === null ? [from_patches] : [from_patches, {name: "elsewhere", note: "not on the patches", value: elsewhere}];
  const token = {name: "class token", note: "vision.class_token", value: ledger.class_token};
  const positions = {name: "position embeddings", note: "vision.embedded", value: ledger.position_embedding};
  return [from_patches, positions.value === 0 ? token : grouped("embeddings", [token, positions], "sources"),
          ...bias_entries(ledger.biases)];
}

/** The waterfall from zero to the score; null for maps that are no parts of a total. */
export function ledger_section(result: Explanation): HTMLElement | null {
  const {attribution, target} = result, {ledger, residual} = attribution;
  if (!has_total(attribution)) return null;
  return section("Ledger",
    lede(`From zero to the ${target.unit}: `, ledger ? "every source of the score in the order of the network."
                                                     : "the patches together, and what is not on them.",
         " Each bar begins where the one above it ends."),
    waterfall({entries: entries_of(result), quantity: target.unit, column: "source", value: target.value, sum: attribution.sum,
               residual: residual ?? 0, adds_up: attribution.complete}),
    ledger && Number.isFinite(ledger.cancellation) ? h("p", {class: "under"},
      `Cancellation: the absolute contributions of all sources add up to ${plain(ledger.cancellation)} times the absolute value of ` +
      "their sum.") : null);
}
