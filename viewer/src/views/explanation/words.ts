import {track} from "../../kit/bars";
import {h} from "../../kit/dom";
import {colour} from "../../kit/matrix";
import {first_of} from "../../kit/more";
import {largest, sign_class, signed} from "../../kit/numbers";
import {fold, lede, section} from "../../kit/section";
import {Column, table} from "../../kit/table";
import {waterfall, WaterfallEntry} from "../../kit/waterfall";
import type {Explanation} from "../../results";
import {number, sum} from "./units";

type Words = NonNullable<Explanation["words"]>;
type Prompt = Words["prompts"][number];
type Word = Prompt["words"][number];

const few_words = 12, few_prompts = 5;

/** The class names and the other words; those of a single prompt one by one. */
function word_entries({prompts, class_words, other_words}: Words): WaterfallEntry[] {
  if (prompts.length > 1) return [{name: "class names", value: class_words}, {name: "other words", value: other_words}];
  const members = prompts[0].words.map(({text, contribution}) => ({name: text, value: contribution}));
  return [{name: "words", note: `${members.length} words`, value: class_words + other_words, members}];
}

function entries_of(words: Words): WaterfallEntry[] {
  const tokens = words.prompts.length > 1 ? "tokens" : "token";
  return [
    ...word_entries(words), {name: `start ${tokens}`, value: words.start}, {name: `end-of-text ${tokens}`, value: words.end},
    {name: "position embeddings", value: words.positions},
    {name: "biases", note: `${words.biases.length} sources`, value: sum(words.biases.map(({contribution}) => contribution)),
     members: words.biases.map(({trace_point, contribution}) => ({name: trace_point, value: contribution}))}];
}

/** A word in the colour of its contribution, with the number below it. */
function coloured_word(word: Word, limit: number): HTMLElement {
  const tokens = word.tokens.length > 1 ? word.tokens.map(({piece, contribution}) => `${piece} ${signed(contribution)}`).join(", ") : "";
  const element = h("span", {class: `word ${word.class_name ? "class-name" : ""}`, title: tokens || undefined},
                    h("b", {}, word.text), " ", h("small", {}, signed(word.contribution, 3)));
  colour(element, limit > 0 ? word.contribution / limit : 0);
  return element;
}

function prompt_columns(words: Words): Column<Prompt>[] {
  const limit = largest(words.prompts.map((prompt) => largest(prompt.words.map(({contribution}) => contribution))));
  const value = (title: string, of: (prompt: Prompt) => number): Column<Prompt> =>
    ({title, number: true, cell: (prompt) => signed(of(prompt)), sort: of, class: (prompt) => sign_class(of(prompt))});
  const text = (prompt: Prompt) => h("div", {class: "prompt"}, prompt.words.map((word) => [coloured_word(word, limit), " "]),
    prompt.truncated ? h("small", {}, "truncated to the model’s context") : null);
  return [{title: "prompt", cell: text, sort: ({text: name}) => name},
          ...words.prompts.length > 1 ? [{title: "weight", number: true, cell: ({weight}: Prompt) => signed(weight)}] : [],
          value("words", (prompt) => sum(prompt.words.map(({contribution}) => contribution))),
          value("start", ({start}) => start), value("end", ({end}) => end), value("positions", ({positions}) => positions),
          value("biases", ({biases}) => biases), value("logit", ({logit}) => logit)];
}

function totals_table(words: Words): HTMLElement {
  const rows = [...words.words].sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
  const limit = largest(rows.map(({contribution}) => contribution));
  return first_of(rows.length, few_words, (shown) => table(rows.slice(0, shown), [
    {title: "word", cell: ({text, class_name}) => [text, class_name ? h("small", {}, " class name") : null], sort: ({text}) => text},
    {title: h("span", {class: "hidden"}, "bar"), cell: ({contribution}) => track(contribution, limit, true)},
    {title: "in the prompts", number: true, cell: ({count}) => `${count}×`, sort: ({count}) => count},
    {title: "contribution", number: true, cell: ({contribution}) => number(contribution), sort: ({contribution}) => contribution}],
    {caption: "Words over all prompts", label: "Words over all prompts", class: "with-bars"}), "words");
}

function prompts_table(words: Words): HTMLElement {
  const rows = [...words.prompts].sort((a, b) => Math.abs(b.logit) - Math.abs(a.logit));
  return first_of(rows.length, few_prompts, (shown) =>
    table(rows.slice(0, shown), prompt_columns(words), {label: "Prompts and their words", class: "prompts-table"}), "prompts");
}

/** Which words of the prompts made the score. */
export function words_section(result: Explanation): HTMLElement | null {
  const {words} = result;
  if (!words) return null;
  const many = words.prompts.length > 1, unit = result.target.unit;
  return section("Words",
    lede(`From zero to the ${unit}: what the words of the ${many ? `${words.prompts.length} prompts` : "prompt"} contribute, and what does ` +
         "not come from words. The image is held fixed. Each bar begins where the one above it ends."),
    waterfall({entries: entries_of(words), quantity: unit, column: "source", value: words.logit, sum: words.sum, residual: words.residual}),
    many ? [totals_table(words), fold(`The ${words.prompts.length} prompts`, () => prompts_table(words))] : prompts_table(words),
    many ? h("p", {class: "under"}, `Contributions are weighted: a prompt’s weight is that of its normalised embedding in the target, and ` +
                                    `its ${unit} here is the weight times its own ${unit}.`) : null);
}
