import type {Child} from "../../kit/dom";
import {h} from "../../kit/dom";
import {sign_class, signed} from "../../kit/numbers";
import type {Explanation} from "../../results";

export type Attribution = Explanation["attribution"];
export type Ledger = NonNullable<Attribution["ledger"]>;

/** "logits" */
export function unit_of({target}: {target: {unit: string}}): string {
  return target.unit === "logit" ? "logits" : `units of the ${target.unit}`;
}

/** Whether the map's values are parts of the score. Only those have a percentage of it. */
export function parts_of_score({in_logits, complete}: Attribution): boolean {
  return in_logits && complete;
}

/** Whether the map has a ledger: values in units of the target and a total that they should add up to. */
export function has_total({in_logits, total}: Attribution): boolean {
  return in_logits && total !== null;
}

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** A number in the colour of its sign. */
export function number(value: number, text: Child = signed(value)): HTMLElement {
  return h("b", {class: value === 0 ? undefined : sign_class(value)}, text);
}

/** A smooth movement, unless the reader wants none. */
export function scroll_behaviour(): ScrollBehavior {
  return matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
}
