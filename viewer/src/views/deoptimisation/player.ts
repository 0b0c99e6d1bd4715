import {h} from "../../kit/dom";
import {largest} from "../../kit/numbers";
import {copy_of} from "../../kit/picture";
import {section} from "../../kit/section";
import {Stage} from "../../kit/stage";
import type {Deoptimisation} from "../../results";
import type {ViewContext} from "../view";
import {is_signed} from "./maps";
import {draw_pixels} from "./pixels";

type Frame = NonNullable<Deoptimisation["detail"]>["frames"][number];

const duration = 4000, shortest = 40, calm = 1000;  // milliseconds: of all frames, of one, and of one with reduced motion

/** An element and what shows a frame in it. */
interface Screen { element: HTMLElement; show: (frame: Frame) => void; }

function map_screen(result: Deoptimisation, frames: readonly Frame[], context: ViewContext): Screen {
  const {grid} = result.image, cells = {rows: result.rows, columns: result.columns, area: grid.area};
  const limit = context.limit ?? (largest(frames[frames.length - 1].map) || 1), signed = is_signed(result.reduction);
  const stage = new Stage(cells, result.image, copy_of(context.image), {values: frames[0].map, limit, signed});
  return {element: stage.element, show: ({map}) => stage.show({values: map, limit, signed})};
}

function image_screen(): Screen {
  const canvas = h("canvas", {class: "pixels", role: "img", "aria-label": "The changed image at the chosen step"});
  return {element: canvas, show: ({image}) => draw_pixels(canvas, image)};
}

/** Frames with a button to play them and a slider. They play once, and only on demand. */
function player(screen: Screen, frames: readonly Frame[]): HTMLElement {
  const last = frames.length - 1;
  const slider = h("input", {type: "range", min: 0, max: last, value: 0, "aria-label": "Frame"});
  const output = h("output"), button = h("button", {type: "button", class: "play"});
  let timer = 0;
  const show = (at: number) => {
    slider.value = String(at);
    slider.setAttribute("aria-valuetext", `step ${frames[at].step}`);
    output.textContent = `step ${frames[at].step}`;
    screen.show(frames[at]);
  };
  const stop = () => {
    clearInterval(timer);
    timer = 0;
    button.textContent = "▶ play";
  };
  const advance = () => {
    if (Number(slider.value) >= last || !slider.isConnected) stop();
    else show(Number(slider.value) + 1);
  };
  const play = () => {
    if (Number(slider.value) >= last) show(0);
    const reduced = matchMedia("(prefers-reduced-motion: reduce)").matches;
    timer = window.setInterval(advance, reduced ? calm : Math.max(shortest, duration / frames.length));
    button.textContent = "❚❚ pause";
  };
  button.addEventListener("click", () => timer ? stop() : play());
  slider.addEventListener("input", () => {
    stop();
    show(Number(slider.value));
  });
  stop();
  show(0);
  return h("div", {class: "player"}, screen.element, h("div", {class: "transport"}, button, slider, output));
}

/** An animation file has no controls, so it moves only while it is asked for. */
function animation(address: string): HTMLElement {
  const box = h("div"), button = h("button", {type: "button", class: "play", "aria-expanded": "false"}, "▶ show the animation");
  button.addEventListener("click", () => {
    const shown = box.hasChildNodes();
    box.textContent = "";
    if (!shown) box.append(h("img", {class: "pixels", src: address, alt: "The change step by step"}));
    button.textContent = shown ? "▶ show the animation" : "stop the animation";
    button.setAttribute("aria-expanded", String(!shown));
  });
  return h("div", {class: "player"}, h("div", {class: "transport"}, button), box);
}

/** The steps of the first run, if the result has them. */
export function steps_section(result: Deoptimisation, context: ViewContext): HTMLElement | null {
  const frames = result.detail?.frames ?? [], address = context.pictures.animation;
  const first = h("p", {class: "under"}, "The first run.");
  if (frames.length > 1) {
    const screen = frames[0].map.length ? map_screen(result, frames, context) : image_screen();
    return section("Step by step", player(screen, frames), first);
  }
  return address ? section("Step by step", animation(address), first) : null;
}
