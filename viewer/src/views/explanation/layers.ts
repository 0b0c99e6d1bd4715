import {lede, section} from "../../kit/section";
import {waterfall, WaterfallEntry} from "../../kit/waterfall";
import type {Explanation} from "../../results";
import {grouped} from "./ledger";

function entries_of({components}: Explanation): WaterfallEntry[] {
  const blocks = components.blocks.map((block, b) => grouped(`block ${b}`, [
    {name: "attention", note: `${block.heads.length} heads`, value: block.attention},
    {name: "attention bias", value: block.attention_bias},
    {name: "MLP", value: block.mlp},
    {name: "MLP bias", value: block.mlp_bias}], "parts"));
  return [grouped("before the blocks", [{name: "embedding", note: "class token", value: components.embedding},
                                        {name: "bias of the norm", value: components.embedding_bias}], "parts"),
          ...blocks, {name: "bias of the last norm", value: components.last_bias}];
}

/** The waterfall of the direct contributions of every block. */
export function layers_section(result: Explanation): HTMLElement | null {
  const {components, target} = result;
  if (components.blocks.length === 0) return null;
  return section("Layer by layer",
    lede(`From zero to the ${target.unit}: the direct contributions of every block to the class token, from which the score is ` +
         "computed. Effects of a block through later blocks are counted there. Each bar begins where the one above it ends."),
    waterfall({entries: entries_of(result), quantity: target.unit, column: "part", value: target.value, sum: components.sum,
               residual: components.residual}));
}
