import {h} from "../../kit/dom";
import {matrix} from "../../kit/matrix";
import {beside_largest, compact, duration, largest, signed} from "../../kit/numbers";
import {figures, fold, lede, section} from "../../kit/section";
import {table} from "../../kit/table";
import type {Comparison} from "../../results";
import type {ViewContext} from "../view";
import {ComparedMap, residual, unit_of} from "./compared_map";
import {least_width, map_figure} from "./maps";

type Words = NonNullable<Comparison["words"]>;
type Pairs = Words["pairs"][number];

const few_prompts = 1;

/** Of one prompt the prompt's order; of several the largest |value| in units of the target first. */
function order_of(words: Words): number[] {
  const all = Array.from(words.words.keys());
  if (words.prompts.length === few_prompts) return all;
  const size = all.map((row) => largest(words.methods.filter(({in_logits}) => in_logits).map(({values}) => values[row])));
  return all.sort((a, b) => size[b] - size[a] || a - b);
}

function prompts_of({prompts}: Words): HTMLElement {
  if (prompts.length === few_prompts) return lede(`“${prompts[0]}”`);
  return fold(`${prompts.length} prompts, words that are the same together`, () =>
    h("ul", {class: "prompts"}, prompts.map((text) => h("li", {}, text))));
}

export function words_section(result: Comparison): HTMLElement | null {
  const {words} = result;
  if (!words || words.methods.length === 0) return null;
  const order = order_of(words), {methods} = words, unit = unit_of(result);
  const limits = methods.map(({values}) => largest(values));
  return section("Which words counted", prompts_of(words),
    lede("A value of each word by each method: a sum over the prompts, or a mean if the method has no unit. Colours compare the words of one method: full colour is the largest absolute value of the column."),
    h("div", {class: "tall"}, matrix({
      rows: order.map((row) => words.words[row]), columns: methods.map(({method}) => method),
      values: order.map((row) => methods.map(({values}) => values[row])), limit: (_, column) => limits[column],
      turned: true, label: "Values of the words", format: (value, _, column) => beside_largest(value, limits[column]),
      title: (row, column) => `${words.words[order[row]]}, ${methods[column].method}: ` +
          (methods[column].in_logits ? `${signed(methods[column].values[order[row]])} ${unit}`
                                     : `${compact(methods[column].values[order[row]])} (no unit)`)})),
    fold("Residual and time of each method", () => table(methods, [
      {title: "method", cell: ({method}) => method, sort: ({method}) => method},
      {title: "residual", number: true, cell: (one) => residual(one.residual),
       sort: (one) => one.residual === null ? null : Math.abs(one.residual), best: "low"},
      {title: "time", number: true, cell: ({seconds}) => duration(seconds), sort: ({seconds}) => seconds, best: "low"},
      {title: "unit", cell: ({in_logits}) => in_logits ? unit : "none"}],
      {label: "Residual and time of each method"})));
}

function word_map(name: string, values: readonly number[]): ComparedMap {
  return {name, family: "", summary: "", values, limit: largest(values), signed: true, in_units: true, method: null, at: -1};
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

function pair_maps(result: Comparison, context: ViewContext, pairs: Pairs, rows: readonly string[]): HTMLElement {
  const unit = unit_of(result), limit = Math.max(0, ...pairs.maps.map(largest));
  const caption = (row: number) => [h("p", {class: "named"}, h("b", {}, rows[row])),
    h("p", {}, `with patches ${signed(sum(pairs.maps[row]))}, without a patch ${signed(pairs.alone[row])}`)];
  const shown = pairs.maps.map((values, row) => map_figure(result, context, word_map(rows[row], values), caption(row), limit));
  const alone = pairs.patches_alone;
  if (alone.some((value) => value !== 0)) {
    shown.push(map_figure(result, context, word_map("patches without a word", alone),
                          `patches without a word ${signed(sum(alone))}; full colour ±${compact(largest(alone), 3)}`));
  }
  const rest = pairs.word_pairs !== 0 || pairs.patch_pairs !== 0
      ? ` Pairs of two words ${signed(pairs.word_pairs)}, pairs of two patches ${signed(pairs.patch_pairs)}.` : "";
  return h("div", {}, h("h3", {}, pairs.method),
    lede(`${pairs.summary}. Residual ${residual(pairs.residual)}, ${duration(pairs.seconds)}.`),
    lede(`All words on one scale: full colour is ±${compact(limit, 3)} ${unit}.${rest}`),
    pairs.notes.map((note) => lede(`${note}.`)), figures(shown, least_width(result)));
}

/** Maps of each word, by methods that have pairs of a word and a patch. */
export function pairs_section(result: Comparison, context: ViewContext): HTMLElement | null {
  const {words} = result;
  if (!words || words.pairs.length === 0) return null;
  return section("Which word saw what", words.pairs.map((pairs) => pair_maps(result, context, pairs, words.pair_rows)));
}
