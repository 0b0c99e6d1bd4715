import {h} from "../../kit/dom";
import {line_chart} from "../../kit/line_chart";
import {compact, signed} from "../../kit/numbers";
import {figure, figures, lede, section} from "../../kit/section";
import {small_map} from "../../kit/small_map";
import type {Explanation} from "../../results";
import {boundary_name, stream_limit, stream_map} from "./head_maps";
import type {MapView} from "./map_view";
import {number, sum, unit_of} from "./units";

/** Names of the boundaries between blocks: "0", "1", …, "end". */
export function boundary_labels(stream: readonly unknown[]): string[] {
  return stream.map((_, boundary) => boundary === stream.length - 1 ? "end" : String(boundary));
}

function map_figure(result: Explanation, view: MapView, boundary: number, limit: number): HTMLElement {
  const {stream} = result.attribution.ledger!, tokens = stream[boundary], name = boundary_name(boundary, stream.length - 1);
  const patches = sum(tokens.slice(1));
  const map = small_map({image: view.context.image, grid: result.image.grid, values: tokens.slice(1), limit,
                         selection: view.context.selection, label: `Contributions of the patch tokens ${name}: ${signed(patches)}`,
                         on_choose: () => choose()});
  const choose = () => {
    view.show(stream_map(result, boundary));
    map.setAttribute("aria-pressed", "true");
  };
  map.setAttribute("aria-pressed", "false");
  view.follow(() => map.setAttribute("aria-pressed", "false"));
  return figure(map, [h("b", {}, name[0].toUpperCase() + name.slice(1)), h("br"), "patches ", number(patches), h("br"),
                      "class token ", number(tokens[0])]);
}

/** Where the score is in the network: in the patch tokens, in the class token, or in biases of later layers. */
function flow_chart({attribution, target}: Explanation): HTMLElement {
  const {stream} = attribution.ledger!;
  const patches = stream.map((tokens) => sum(tokens.slice(1)));
  const points = (values: readonly number[]): [number, number][] => values.map((value, boundary) => [boundary, value]);
  const biases = stream.map((tokens, boundary) => target.value - patches[boundary] - tokens[0]);
  return line_chart({title: `Where the ${target.unit} comes from, block by block`, x: "before block", y: unit_of({target}),
                     label: "Contributions of the patch tokens, of the class token and of later biases before each block",
                     labels: boundary_labels(stream), points: true, height: 260,
                     lines: [{name: "patch tokens", points: points(patches)},
                             {name: "class token", points: points(stream.map(([token]) => token)), class: "line-3"},
                             {name: "biases of later layers", points: points(biases)}]});
}

/** Small maps of the patch tokens between the blocks. */
export function stream_section(result: Explanation, view: MapView): HTMLElement | null {
  const {ledger, in_logits} = result.attribution;
  if (!ledger || ledger.stream.length === 0 || !in_logits) return null;
  const limit = stream_limit(ledger.stream), {area} = result.image.grid;
  const least = Math.round(Math.min(420, 132 * Math.max(1, area.width / area.height)));
  return section("Residual stream",
    lede("Contributions of the patch tokens of the residual stream before each block, and their sum. The rest of the score comes " +
         "from the class token and from biases of later layers. All maps have one scale: full colour is " +
         `±${compact(limit, 3)}. Choose one to see it on the large image.`),
    figures(ledger.stream.map((_, boundary) => map_figure(result, view, boundary, limit)), least),
    result.attribution.complete ? flow_chart(result) : null);
}
