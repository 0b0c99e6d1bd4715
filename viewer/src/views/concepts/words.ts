import {h} from "../../kit/dom";
import {bars} from "../../kit/bars";
import {first_of} from "../../kit/more";
import {plain, sign_class, signed} from "../../kit/numbers";
import {Column, table} from "../../kit/table";
import type {Concepts} from "../../results";

type Word = Concepts["words"][number];

const few = 20;

/** The chosen words as bars of their weights and as a table. */
export function words_content(result: Concepts): HTMLElement {
  const {words} = result, scored = result.target !== null && result.score !== null;
  if (!words.length) return h("p", {class: "text"}, "No word was chosen.");
  const columns: Column<Word>[] = [
    {title: "word", cell: ({word}) => word, sort: ({word}) => word},
    {title: "weight", number: true, cell: ({weight}) => plain(weight, 4), sort: ({weight}) => weight},
    {title: "cosine", number: true, cell: ({similarity}) => signed(similarity), sort: ({similarity}) => similarity,
     hint: "of the word alone with the centred embedding"}];
  if (scored) {
    columns.push({title: "contribution", number: true, cell: ({contribution}) => signed(contribution ?? 0),
                  sort: ({contribution}) => contribution, class: ({contribution}) => sign_class(contribution ?? 0)});
  }
  const limit = Math.max(...words.map(({weight}) => weight));
  const build = (count: number) => {
    const shown = words.slice(0, count);
    return [bars(shown.map(({word, weight}) => ({name: word, value: weight, text: plain(weight, 3)})),
                 {caption: "Weight of each word", limit}),
            table(shown, columns, {class: "compact", sorted: 1, label: "Words"})];
  };
  return h("div", {}, first_of(words.length, few, build, "words"),
           h("p", {class: "under"}, "Cosine: of the word alone with the centred embedding."));
}
