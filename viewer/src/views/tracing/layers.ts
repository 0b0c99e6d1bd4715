import {h} from "../../kit/dom";
import {line_chart} from "../../kit/line_chart";
import {plain, scientific} from "../../kit/numbers";
import {lede, section} from "../../kit/section";
import {Column, table} from "../../kit/table";
import type {Tracing} from "../../results";
import {Closeness, closeness_at, line_class} from "./variants";

type Layer = Tracing["layers"][number];

const most_linear = 20;  // charts of larger values have powers of ten

/** "0.4213"; "1.2e5" and "3.1e−16" for large and small values. */
export function closeness_number(value: number): string {
  const size = Math.abs(value);
  return value === 0 ? "0" : size < 1000 && size >= 1e-4 ? plain(value, 4) : scientific(value);
}

function chart(result: Tracing, title: string, y: string, number: (closeness: Closeness) => number): HTMLElement {
  const lines = result.variants.map((variant) => ({
    name: variant.rules, class: line_class(variant),
    points: result.layers.flatMap((layer, i): [number, number][] => {
      const closeness = closeness_at(layer, variant);
      return closeness ? [[i, number(closeness)]] : [];
    })}));
  const values = lines.flatMap(({points}) => points.map(([, value]) => value));
  const log = Math.max(...values) > most_linear && Math.min(...values) > 0;
  const range: [number, number] = [Math.min(0, ...values), Math.max(1.1, ...values)];
  return line_chart({title, label: `${title}, by layer`, x: "after", y, lines, points: true, log,
                     labels: result.layers.map(({name}) => name), x_range: [0, Math.max(1, result.layers.length - 1)],
                     y_range: log ? undefined : range});
}

function layers_table(result: Tracing): HTMLElement {
  const column = (title: string, of: (layer: Layer) => number | undefined): Column<Layer> => ({
    title, number: true, cell: (layer) => {
      const value = of(layer);
      return value === undefined ? "–" : closeness_number(value);
    }});
  const both = result.layers.some((layer) => layer.float32_against_float64);
  return table(result.layers, [
    {title: "after", cell: ({name, trace_point}) => h("span", {title: trace_point}, name)},
    ...result.variants.flatMap((variant) => [
      column(`${variant.rules}: cosine`, (layer) => closeness_at(layer, variant)?.cosine),
      column("norm", (layer) => closeness_at(layer, variant)?.norm_ratio),
      column("distance", (layer) => closeness_at(layer, variant)?.distance)]),
    ...(both ? [column("float32 against float64: cosine", (layer) => layer.float32_against_float64?.cosine),
                column("distance", (layer) => layer.float32_against_float64?.distance)] : [])],
    {class: "compared layers", label: "Closeness by layer"});
}

/** How the sums of contributions depart from the network's activations, layer by layer. */
export function layers_section(result: Tracing): HTMLElement {
  return section("Difference between the sum of the contributions and the true activations",
                 lede("The sum of complete contributions equals the activations of the network: cosine 1 and norm ratio 1 " +
                      "after every layer."),
                 h("div", {class: "charts"},
                   chart(result, "Cosine of the sum and the true value", "cosine", ({cosine}) => cosine),
                   chart(result, "Norm of the sum over that of the true value", "norm ratio", ({norm_ratio}) => norm_ratio)),
                 layers_table(result),
                 h("p", {class: "under"}, "Distance: ‖sum − value‖ / ‖value‖."));
}
