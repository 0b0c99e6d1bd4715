import {scaleLinear} from "d3-scale";
import {area, line, Point} from "d3-shape";
import {Child, h, svg} from "./dom";
import {scientific} from "./numbers";
import "./d3_license";

export interface ChartLine {
  name: string;
  points: readonly Point[];
  class?: string;             // "line-0" to "line-3" (style/charts.css), or the caller's
  unnamed?: boolean;          // not in the key: another line of the same class is
}

export interface LineChart {
  lines: readonly ChartLine[];
  title?: Child;              // above
  label: string;              // for screen readers
  x: string;                  // names of the axes with their units
  y: string;
  band?: {lower: readonly Point[]; upper: readonly Point[]; name: string};  // of the same x
  width?: number;
  height?: number;
  x_range?: [number, number];
  y_range?: [number, number];
  points?: boolean;           // a dot at every point
  bare?: boolean;             // no axis names and no key: for small multiples
  labels?: readonly string[]; // names of the positions 0, 1, … along x instead of numbers
  log?: boolean;              // y by powers of ten; values must be above 0
}

/** The same chart of the decimal logarithms of y. */
function by_powers(chart: LineChart): LineChart {
  const powers = (points: readonly Point[]): Point[] => points.map(([u, v]) => [u, Math.log10(v)]);
  return {...chart, lines: chart.lines.map((one) => ({...one, points: powers(one.points)}))};
}

function extent(chart: LineChart, axis: 0 | 1): [number, number] {
  const given = axis === 0 ? chart.x_range : chart.y_range;
  if (given) return given;
  const all = [...chart.lines.map(({points}) => points), chart.band?.lower ?? [], chart.band?.upper ?? []];
  let least = Infinity, most = -Infinity;
  for (const points of all) {
    for (const point of points) {
      least = Math.min(least, point[axis]);
      most = Math.max(most, point[axis]);
    }
  }
  if (!(least <= most)) return [0, 1];
  return least === most ? [least - 0.5, most + 0.5] : [least, most];
}

/** Lines over two axes with their key, as a figure. */
export function line_chart(given: LineChart): HTMLElement {
  const chart = given.log ? by_powers(given) : given;
  const width = chart.width ?? 560, height = chart.height ?? 300, small = chart.bare === true;
  const foot = chart.labels?.some((label) => label.length > 3) ? 76 : 40;
  const margin = small ? {left: 34, right: 12, top: 6, bottom: 18}
                       : {left: chart.log ? 66 : 56, right: 14, top: 10, bottom: foot};
  const x = scaleLinear().domain(extent(chart, 0)).range([margin.left, width - margin.right]);
  const y = scaleLinear().domain(extent(chart, 1)).range([height - margin.bottom, margin.top]);
  if (!chart.y_range) y.nice(small ? 3 : 5);
  const path = line();
  const place = (points: readonly Point[]): Point[] => points.map(([u, v]) => [x(u), y(v)]);
  const drawn = chart.lines.map((one, i) => svg("g", {class: `line ${one.class ?? `line-${i}`}`},
    svg("path", {d: path(place(one.points)) ?? ""}, svg("title", {}, one.name)),
    chart.points ? place(one.points).map(([u, v]) => svg("circle", {cx: u.toFixed(1), cy: v.toFixed(1), r: 2.5})) : null));
  const picture = svg("svg", {class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": chart.label},
                      axes(chart, x, y, width, height, margin), band(chart, x, y), drawn);
  return h("figure", {class: small ? "panel" : "lines"}, chart.title ? h("figcaption", {}, chart.title) : null, picture,
           small ? null : key(chart));
}

type Scale = ReturnType<typeof scaleLinear>;
interface Margin { left: number; right: number; top: number; bottom: number; }

function axes(chart: LineChart, x: Scale, y: Scale, width: number, height: number, margin: Margin): SVGElement {
  const text = (at: Record<string, unknown>, content: string) => svg("text", {class: "axis", ...at}, content);
  const small = chart.bare === true, counts = small ? [3, 3] : [6, 5];
  const minus = (label: string) => label.replace("-", "−");
  const level = (value: number) => chart.log ? power(value) : minus(y.tickFormat(counts[1])(value));
  const levels = y.ticks(counts[1]).filter((value) => !chart.log || Number.isInteger(value));
  const across = levels.map((value) => svg("g", {},
    svg("line", {class: "grid", x1: margin.left, x2: width - margin.right, y1: y(value).toFixed(1), y2: y(value).toFixed(1)}),
    text({x: margin.left - 6, y: (y(value) + 4).toFixed(1), "text-anchor": "end"}, level(value))));
  const foot = height - margin.bottom + 14;
  const along = chart.labels ? label_texts(chart.labels, x, foot) : x.ticks(counts[0]).map((value) =>
    text({x: x(value).toFixed(1), y: foot, "text-anchor": "middle"}, minus(x.tickFormat(counts[0])(value))));
  const names = small ? null : [
    text({x: (margin.left + width - margin.right) / 2, y: height - 4, "text-anchor": "middle"}, chart.x),
    text({x: 12, y: (margin.top + height - margin.bottom) / 2, "text-anchor": "middle",
          transform: `rotate(-90 12 ${(margin.top + height - margin.bottom) / 2})`}, chart.y)];
  return svg("g", {"aria-hidden": "true"}, across, along, names);
}

/** Names of positions, turned if they are long; as many as fit, and always the last. */
function label_texts(labels: readonly string[], x: Scale, foot: number): SVGElement[] {
  const most = 14, every = Math.ceil(labels.length / most), last = labels.length - 1;
  const turned = labels.some((label) => label.length > 3);
  const shown = labels.map((_, i) => i).filter((i) => i === last || i % every === 0 && last - i >= every);
  return shown.map((i) => svg("text", turned
    ? {class: "axis", "text-anchor": "end", transform: `translate(${(x(i) + 4).toFixed(1)} ${foot}) rotate(-40)`}
    : {class: "axis", "text-anchor": "middle", x: x(i).toFixed(1), y: foot}, labels[i]));
}

/** A power of ten as a number of an axis. */
function power(exponent: number): string {
  return Math.abs(exponent) <= 3 ? String(Number((10 ** exponent).toPrecision(1))) : scientific(10 ** exponent, 0);
}

function band(chart: LineChart, x: Scale, y: Scale): SVGElement | null {
  if (!chart.band) return null;
  const {lower, upper, name} = chart.band;
  const shape = area<Point>().x(([u]) => x(u)).y0(([, v]) => y(v)).y1((point) => y(upper[lower.indexOf(point)][1]));
  return svg("path", {class: "band", d: shape(lower) ?? ""}, svg("title", {}, name));
}

function key(chart: LineChart): HTMLElement | null {
  if (chart.lines.length < 2 && !chart.band) return null;
  const entry = (classes: string, mark: SVGElement, name: string) =>
    h("li", {}, svg("svg", {class: classes, viewBox: "0 0 34 10", "aria-hidden": "true"}, mark), name);
  return h("ul", {class: "key"},
           chart.lines.map((one, i) => one.unnamed ? null : entry(`line ${one.class ?? `line-${i}`}`,
                                                                  svg("path", {d: "M0 5H34"}), one.name)),
           chart.band ? entry("", svg("rect", {class: "band", width: 34, height: 10}), chart.band.name) : null);
}
