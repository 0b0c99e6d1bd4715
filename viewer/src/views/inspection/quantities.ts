import {h} from "../../kit/dom";
import {plain, signed} from "../../kit/numbers";
import {table} from "../../kit/table";
import type {Inspection} from "../../results";

interface Quantity { name: string; formula?: string; text: string; }

function quantities_of({score, target}: Inspection): Quantity[] {
  const contrast = target.kind === "contrast";
  const size = (name: string, formula: string | undefined, value: number) => ({name, formula, text: plain(value, 4)});
  const number = (name: string, formula: string | undefined, value: number) => ({name, formula, text: signed(value)});
  return [
    size("norm of the image embedding", "‖z‖", score.image_norm),
    size("norm of the text embedding", "‖t‖", score.text_norm),
    number("dot product", "z·t", score.dot),
    number("cosine", "z·t / (‖z‖‖t‖)", score.similarity),
    size("logit scale", undefined, score.logit_scale),
    ...(contrast ? [size("length of the difference", "of vectors of length 1", score.text_norm / score.text_unit)] : []),
    number("logit, recomposed", contrast ? "scale · cosine · length" : "scale · cosine", score.logit),
    number("logit of the model", undefined, score.model_logit),
    number("difference", undefined, score.model_logit - score.logit)];
}

/** From the norms to the logit. */
export function quantities_table(result: Inspection): HTMLElement {
  return table(quantities_of(result), [
    {title: "quantity", cell: ({name, formula}) => [name, formula ? h("small", {}, formula) : null]},
    {title: "value", number: true, cell: ({text}) => text}], {class: "quantities"});
}
