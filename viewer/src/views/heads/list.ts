import {h, replace} from "../../kit/dom";
import {plain} from "../../kit/numbers";
import {lede, section} from "../../kit/section";
import {table} from "../../kit/table";
import type {Heads} from "../../results";
import {Head, name_of, whole_percent} from "./words";

function words_text(head: Head, wanted: string): (Node | string)[] {
  return head.words.flatMap(({word, explained}, i) => {
    const found = wanted !== "" && word.toLowerCase().includes(wanted);
    return [i > 0 ? ", " : "", found ? h("mark", {}, word) : word, `\u00a0${whole_percent(explained)}`];
  });
}

function list(heads: readonly Head[], wanted: string): HTMLElement {
  const shown = heads.filter(({words}) => words.some(({word}) => word.toLowerCase().includes(wanted)) || wanted === "");
  if (!shown.length) return h("p", {class: "text"}, "No head has such a word.");
  return table(shown, [
    {title: "head", cell: name_of, sort: ({block, head}) => 1e6 * block + head, best: "low"},
    {title: "words", cell: (head) => words_text(head, wanted)},
    {title: "together", number: true, cell: ({explained}) => whole_percent(explained), sort: ({explained}) => explained},
    {title: "variance", number: true, cell: ({variance}) => plain(variance, 4), sort: ({variance}) => variance}],
    {label: "Words of the heads", class: "list", sorted: 0});
}

/** All heads with all of their words. */
export function heads_list({heads}: Heads): HTMLElement {
  const box = h("div", {}, list(heads, ""));
  const input = h("input", {type: "search"});
  input.addEventListener("input", () => replace(box, list(heads, input.value.trim().toLowerCase())));
  return section("Heads",
                 lede("Block.head, both from 0, and how much of its variance between the images each word explains after " +
                      "those before it."),
                 h("label", {class: "choice"}, "heads with the word", input), box,
                 h("p", {class: "under"},
                   "Variance: of the head’s vectors between the images; the embedding’s length is 1."));
}
