import {Child, h} from "../../kit/dom";
import type {LegendTexts} from "../../kit/legend";
import {compact, duration, largest, scientific, sign_class, signed} from "../../kit/numbers";
import {fold} from "../../kit/section";
import type {Comparison} from "../../results";

export type Method = Comparison["methods"][number];

/** A map that the view shows: one of a method, or the true effects of removing each patch. */
export interface ComparedMap {
  name: string;            // with options
  family: string;
  summary: string;
  values: readonly number[];
  limit: number;           // the largest |value|
  signed: boolean;
  in_units: boolean;       // of the target
  method: Method | null;   // null: the true effects
  at: number;              // index of the method; −1 of the true effects
}

export const removal_name = "true removal";

/** "logits" */
export function unit_of(result: Comparison): string {
  return result.target.unit === "logit" ? "logits" : result.target.unit;
}

export function method_name({attribution}: Method): string {
  return [attribution.method, ...attribution.options.map(([name, value]) => `${name}=${value}`)].join(" ");
}

/** The true effects if there are any, then the methods in their order. */
export function maps_of(result: Comparison): ComparedMap[] {
  const methods = result.methods.map((method, at): ComparedMap => {
    const {family, patches, signed: can_be_negative, in_logits} = method.attribution;
    return {name: method_name(method), family, summary: method.summary, values: patches, limit: largest(patches),
            signed: can_be_negative, in_units: in_logits, method, at};
  });
  if (result.removal_effects.length === 0) return methods;
  return [{name: removal_name, family: "", summary: "what the score loses without the patch", values: result.removal_effects,
           limit: largest(result.removal_effects), signed: true, in_units: true, method: null, at: -1}, ...methods];
}

/** A sentence with the reasons why every patch is zero; empty if one is not. */
export function zero_note(map: ComparedMap): string {
  if (map.limit > 0 || map.values.length === 0) return "";
  return ["zero for every patch", ...map.method?.attribution.notes ?? []].join("; ");
}

/** A value of the map, with a sign only if values can be negative. */
export function value_text(map: ComparedMap, value: number): string {
  return map.signed ? signed(value) : compact(value);
}

export function legend_texts(map: ComparedMap, unit: string): LegendTexts {
  if (!map.method) return {unit, positive: "lost without the patch", negative: "gained without it"};
  if (map.in_units) return {unit, positive: "for the target", negative: "against it"};
  return {unit: "no unit", positive: map.signed ? "for the target" : "relevant", negative: "against it"};
}

/** "+0.41", "none" of a constant map. */
export function correlation(value: number | null): string {
  return value === null ? "none" : signed(value, 2);
}

export function residual(value: number | null): string {
  if (value === null) return "–";
  return Math.abs(value) < 0.01 && value !== 0 ? scientific(value) : compact(value, 3);
}

/** Scale, time, agreement with true removal, and what does not add up. */
export function figures_of(map: ComparedMap, unit: string): string {
  const full = compact(map.limit, 3), in_unit = map.in_units ? ` ${unit}` : ", no unit";
  const parts = map.limit > 0 ? [`full colour ${map.signed ? "±" : ""}${full}${in_unit}`] : [];
  if (map.method) {
    const {seconds, total} = map.method.attribution;
    if (seconds !== null) parts.push(duration(seconds));
    if (map.method.removal_correlation !== null) parts.push(`removal ${correlation(map.method.removal_correlation)}`);
    if (total !== null) parts.push(`residual ${residual(map.method.attribution.residual)}`);
  }
  return parts.join(" · ");
}

/** Reference, cost and notes, folded; nothing of the true effects. */
export function source_of(map: ComparedMap): HTMLElement | null {
  const {method} = map;
  if (!method) return null;
  const entry = (name: string, content: Child) => [h("dt", {}, name), h("dd", {}, content)];
  return fold("source and cost", () => h("dl", {}, entry("source", method.reference), entry("cost", method.cost),
    method.attribution.notes.length ? entry("notes", method.attribution.notes.map((note) => h("p", {}, note))) : null));
}

/** The value of a patch with its part of the score, where values are parts of it. */
export function patch_value(map: ComparedMap, patch: number, unit: string, score: number): Child {
  const value = map.values[patch];
  const text = h("b", {class: map.signed ? sign_class(value) : undefined}, value_text(map, value));
  if (!map.in_units) return [text, " (no unit)"];
  const part = map.method?.attribution.complete && Math.abs(score) > 1e-6
      ? ` (${signed(100 * value / Math.abs(score), 1)}\u00a0% of the score)` : "";
  return [text, ` ${unit}${part}`];
}
