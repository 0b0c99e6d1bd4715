import {scaleLinear} from "d3-scale";
import {h, svg} from "../../kit/dom";
import {line_chart} from "../../kit/line_chart";
import {plain, scientific, tick} from "../../kit/numbers";
import {fold} from "../../kit/section";
import {table} from "../../kit/table";
import type {Explanation} from "../../results";
import {unit_of} from "./units";

type Certificate = NonNullable<Explanation["certificate"]>;

const colours = {"supported": "good", "weak": "", "not better than random": "bad"};

function numbers(c: Certificate): HTMLElement {
  const compared = (map: number, name: string, other: number) => `${plain(map, 3)}, ${name} ${plain(other, 3)}`;
  const rows: [string, string][] = [
    ["deletion ↓", compared(c.deletion, "random orders", c.random_area)],
    ["insertion ↑", compared(c.insertion, "random orders", c.random_area)],
    ["insertion − deletion ↑", compared(c.gain, "from the centre outwards", c.gaussian_gain)],
    ["p-value", `${plain(c.p_value, 3)}, ${c.random_gains.length} random orders`]];
  if (c.stability !== null) rows.push(["rank correlation under noise ↑", plain(c.stability, 3)]);
  if (c.residual !== null) rows.push(["part of the score that the contributions miss ↓", scientific(c.residual)]);
  return table(rows, [{title: "", cell: ([name]) => name}, {title: "", cell: ([, value]) => value}],
               {label: "The numbers of the certificate", class: "settings"});
}

function curves(c: Certificate, unit: string): HTMLElement | null {
  const {most_first, least_first} = c.curves, steps = most_first.score.length - 1;
  if (steps < 1) return null;
  const points = (values: readonly number[]): [number, number][] => values.map((value, step) => [100 * step / steps, value]);
  return line_chart({title: `The ${unit} while patches are removed`, x: "removed patches (%)", y: unit, points: true,
    label: `The ${unit} by the fraction of removed patches`, lines: [
      {name: "most relevant first", points: points(most_first.score), class: "line-1"},
      {name: "least relevant first", points: points(least_first.score), class: "line-0"},
      {name: "random orders (mean)", points: points(c.random_curve), class: "line-2"}]});
}

/** The map's gain on one axis with the gains of the random orders and of the order from the centre outwards. */
function gains(c: Certificate): HTMLElement | null {
  if (c.random_gains.length === 0) return null;
  const width = 560, height = 74, middle = 24, margin = 24;
  const all = [...c.random_gains, c.gain, c.gaussian_gain, 0];
  const x = scaleLinear().domain([Math.min(...all), Math.max(...all)]).range([margin, width - margin]).nice(5);
  const least = x(Math.min(...c.random_gains)), most = x(Math.max(...c.random_gains));
  const mark = (value: number, name: string) => svg("line", {class: name, x1: x(value), x2: x(value), y1: middle - 16, y2: middle + 16});
  const dots = c.random_gains.map((gain) => svg("circle", {cx: x(gain).toFixed(1), cy: middle, r: 3}));
  const axis = x.ticks(5).map((value) => svg("text", {class: "axis", x: x(value).toFixed(1), y: middle + 32, "text-anchor": "middle"}, tick(value)));
  const key = (sign: SVGElement, text: string) => h("li", {}, svg("svg", {viewBox: "0 0 34 10", "aria-hidden": "true"}, sign), text);
  const line_sign = (name: string) => svg("line", {class: name, x1: 17, x2: 17, y1: 0, y2: 10});
  const dot_sign = svg("g", {class: "dots"}, svg("circle", {cx: 17, cy: 5, r: 3}));
  return h("figure", {class: "lines gains"}, h("figcaption", {}, "Insertion − deletion of this map and of random orders"),
    svg("svg", {class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img",
                "aria-label": `This map ${plain(c.gain, 3)}, from the centre outwards ${plain(c.gaussian_gain, 3)}, random orders ` +
                              `${plain(Math.min(...c.random_gains), 3)} to ${plain(Math.max(...c.random_gains), 3)}`},
      svg("line", {class: "grid", x1: margin, x2: width - margin, y1: middle, y2: middle}),
      svg("rect", {class: "band", x: least.toFixed(1), width: Math.max(1, most - least).toFixed(1), y: middle - 12, height: 24}),
      svg("g", {class: "dots"}, dots), mark(c.gaussian_gain, "centre"), mark(c.gain, "own"), axis),
    h("ul", {class: "key"}, key(line_sign("own"), "this map"), key(line_sign("centre"), "from the centre outwards"),
      key(dot_sign, "random orders, with their range")));
}

/** The verdict on the map after removing patches from the model's input, with its evidence folded. */
export function certificate_box(result: Explanation): HTMLElement | null {
  const c = result.certificate;
  if (!c) return null;
  const verdict = c.verdict[0].toUpperCase() + c.verdict.slice(1), unit = result.target.unit === "logit" ? "logit" : unit_of(result);
  return h("section", {class: `certificate ${colours[c.verdict]}`, "aria-label": "Certificate"},
    h("p", {class: "verdict"}, h("b", {}, `${verdict}:`), ` ${c.sentence}`),
    fold("The numbers", () => h("div", {class: "evidence"}, numbers(c), curves(c, unit), gains(c))));
}
