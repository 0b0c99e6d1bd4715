import {place} from "../../kit/grid";
import {largest, signed} from "../../kit/numbers";
import type {Explanation} from "../../results";
import type {ShownMap} from "./map_view";
import {number, sum} from "./units";

/** The patches of a map of tokens, which has the class token first. */
function token_map(result: Explanation, name: string, tokens: readonly number[], total: number, limit?: number): ShownMap {
  const values = tokens.slice(1), {grid} = result.image;
  const best = values.reduce((at, value, i) => Math.abs(value) > Math.abs(values[at]) ? i : at, 0);
  const strongest = !values[best] ? "nothing from the patches" : `strongest patch ${place(grid, best)}: ${signed(values[best])}`;
  return {name, values, limit: limit ?? largest(values), signed: true, in_units: true, parts: true,
          sentence: [`${name}: `, number(total), ` of the ${result.target.unit}, class token ${signed(tokens[0])}, ${strongest}.`]};
}

/** What a head reads: its direct contribution by attended token. */
export function head_map(result: Explanation, block: number, head: number): ShownMap {
  const {heads, head_tokens} = result.components.blocks[block];
  return token_map(result, `block ${block}, head ${head}`, head_tokens[head], heads[head]);
}

/** What all heads of a block read. */
export function attention_map(result: Explanation, block: number): ShownMap {
  const {attention, head_tokens} = result.components.blocks[block];
  const tokens = head_tokens[0].map((_, token) => sum(head_tokens.map((row) => row[token])));
  return token_map(result, `block ${block}, all heads`, tokens, attention);
}

/** "before block 3" */
export function boundary_name(boundary: number, blocks: number): string {
  return boundary === blocks ? "after the last block" : `before block ${boundary}`;
}

/** Full colour of all boundaries' maps. */
export function stream_limit(stream: readonly (readonly number[])[]): number {
  return largest(stream.map((tokens) => largest(tokens.slice(1))));
}

/** The patch tokens of the residual stream between two blocks. */
export function stream_map(result: Explanation, boundary: number): ShownMap {
  const stream = result.attribution.ledger!.stream, tokens = stream[boundary];
  const name = `the residual stream ${boundary_name(boundary, stream.length - 1)}`;
  return token_map(result, name, tokens, sum(tokens.slice(1)), stream_limit(stream));
}
