import {h, replace} from "../kit/dom";
import {fraction} from "../kit/numbers";
import type {Heads} from "../results";
import {NoAnswer} from "./api";
import type {Connection} from "./connection";
import {sentence_of} from "./errors";
import {ProgressBar} from "./progress";
import {Runner} from "./runner";
import type {State} from "./state";

export interface HeadWords { element: HTMLElement; cancel: () => void; }

/** The words of one head over the served images, as an element that fills itself. */
export function head_words(connection: Connection, state: State, block: number, head: number): HeadWords {
  const content = h("div");
  const progress = new ProgressBar(() => { runner.cancel(); replace(content, h("p", {class: "faint"}, "Cancelled.")); });
  const runner = new Runner(connection, progress);
  const options = {block, head, ...(state.whole ? {whole: true} : {})};
  const body = state.model === "" ? {options} : {model: state.model, options};
  runner.ask({call: "heads", body}).then((answer) => {
    if (answer) replace(content, list(answer.result as Heads));
  }).catch((error) => {
    replace(content, h("p", {class: "error", role: "alert"}, error instanceof NoAnswer ? error.message : sentence_of(error)));
  });
  return {element: h("div", {class: "head-words"}, progress.element, content), cancel: () => runner.cancel()};
}

function list({heads, images}: Heads): HTMLElement {
  const [found] = heads;
  const rows = found.words.map(({word, explained}) => h("li", {}, `${word} `, h("span", {class: "faint"}, fraction(explained))));
  return h("div", {}, h("p", {class: "under"}, `Words of block ${found.block}, head ${found.head} over ${images} images, ` +
                                               "with the fraction of the variance that each explains:"),
           h("ol", {}, rows));
}
