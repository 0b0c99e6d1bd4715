import {h} from "../../kit/dom";
import {line_chart} from "../../kit/line_chart";
import {fraction, scientific} from "../../kit/numbers";
import {fold} from "../../kit/section";
import {Column, table} from "../../kit/table";
import type {Tracing} from "../../results";
import {closeness_number} from "./layers";
import {line_class, Variant} from "./variants";

const least = 1e-12;  // smaller distances are drawn as this one: rounding

interface Step { trace_point: string; op: string; distances: (number | undefined)[]; }

function steps_of({variants}: Tracing): Step[] {
  const longest = variants.reduce((a, b) => b.steps.length > a.steps.length ? b : a);
  const distances = variants.map(({steps}) => new Map(steps.map((step) => [step.trace_point, step.closeness.distance])));
  return longest.steps.map(({trace_point, op}) => ({
    trace_point, op, distances: distances.map((of) => of.get(trace_point))}));
}

function chart(steps: readonly Step[], variants: readonly Variant[]): HTMLElement {
  return line_chart({
    title: "Relative distance after each op", label: "Relative distance of the sum and the true value, op by op",
    x: "ops in the order of the network", y: "distance", log: true,
    lines: variants.map((variant, v) => ({
      name: variant.rules, class: line_class(variant),
      points: steps.flatMap(({distances}, i): [number, number][] => {
        const distance = distances[v];
        return distance === undefined ? [] : [[i, Math.max(least, distance)]];
      })}))});
}

/** What is lost at every op, on demand. */
export function steps_fold(result: Tracing): HTMLElement | null {
  if (!result.variants.some(({steps}) => steps.length)) return null;
  const departs = result.departure?.step.trace_point;
  return fold("Op by op: how far the sum of the contributions is from each op’s output", () => {
    const steps = steps_of(result);
    const columns: Column<Step>[] = result.variants.map((variant, v) => ({
      title: variant.rules, number: true, cell: ({distances}) => {
        const distance = distances[v];
        return distance === undefined ? "–" : closeness_number(distance);
      }, class: ({distances}) => (distances[v] ?? 0) > result.tolerance ? "departed" : "faint"}));
    return [chart(steps, result.variants),
            h("p", {class: "under"}, `‖sum − value‖ / ‖value‖; distances below ${scientific(least, 0)} are drawn as that. ` +
              `Bold: above ${fraction(result.tolerance)} of the value, which counts as a departure.`),
            table(steps, [{title: "output of", cell: ({trace_point}) => trace_point},
                          {title: "op", cell: ({op}) => op}, ...columns],
                  {class: "compared",
                   row_class: ({trace_point}) => trace_point === departs ? "explained" : undefined,
                   label: "Distance by op"})];
  });
}
