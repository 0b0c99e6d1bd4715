"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const stage = byId("stage"), heat = byId("heat"), cursor = byId("cursor"), tooltip = byId("tooltip");
  const marker = byId("marker");
  const [areaLeft, areaTop, areaWidth, areaHeight] = data.area;
  const count = data.rows * data.columns;
  const half = (data.colours.length / 8 - 1) / 2;
  const colours = Uint8Array.from({length: data.colours.length / 2},
                                  (_, i) => parseInt(data.colours.substr(2 * i, 2), 16));
  const signs = (x) => x < 0 ? "−" : x > 0 ? "+" : "";
  const clamp = (x, least, most) => Math.min(most, Math.max(least, x));
  document.documentElement.classList.add("scripted");

  let style = "blend", zoom = 1, limit = data.limit, selected = -1;
  const brightest = () => data.values.reduce((most, value) => Math.max(most, value), 0);

  // The value at a position in the grid, in cells from its top left corner.
  function nearest(x, y) {
    return data.values[Math.floor(y) * data.columns + Math.floor(x)];
  }
  function bilinear(x, y) {
    const u = clamp(x - 0.5, 0, data.columns - 1), v = clamp(y - 0.5, 0, data.rows - 1);
    const left = Math.floor(u), top = Math.floor(v);
    const right = Math.min(left + 1, data.columns - 1), bottom = Math.min(top + 1, data.rows - 1);
    const row = (r) => {
      const first = data.values[r * data.columns + left], second = data.values[r * data.columns + right];
      return first + (u - left) * (second - first);
    };
    const above = row(top);
    return above + (v - top) * (row(bottom) - above);
  }

  function paint() {
    limit = zoom * (style === "multiply" ? Math.min(brightest(), data.limit) : data.limit);
    const step = clamp(Math.floor(768 / Math.max(data.rows, data.columns)), 1, 48);
    const width = heat.width = data.columns * step, height = heat.height = data.rows * step;
    const context = heat.getContext("2d");
    const image = context.createImageData(width, height);
    const value = style === "cells" ? nearest : bilinear;
    for (let y = 0, at = 0; y < height; ++y) {
      for (let x = 0; x < width; ++x, at += 4) {
        const raw = value((x + 0.5) / step, (y + 0.5) / step);
        const scaled = limit > 0 ? clamp(raw / limit, -1, 1) : 0;
        const edge = style === "cells" && step > 8 && (x % step === 0 || y % step === 0);
        if (style === "multiply") {
          image.data.fill(Math.round(255 * Math.max(0, scaled)), at, at + 3);
          image.data[at + 3] = 255;
        } else {
          const entry = 4 * Math.round((scaled + 1) * half);
          for (let c = 0; c < 4; ++c) image.data[at + c] = colours[entry + c];
          if (edge) image.data.set([128, 128, 128, Math.max(image.data[at + 3], 80)], at);
        }
      }
    }
    context.putImageData(image, 0, 0);
    for (const part of [stage, byId("legend")]) part.classList.toggle("multiply", style === "multiply");
    byId("legend").classList.toggle("unsigned", !data.signed);
    byId("least").textContent = limit > 0 && data.signed ? "−" + limit.toPrecision(3) : "0";
    byId("most").textContent = limit > 0 ? "+" + limit.toPrecision(3) : "0";
    if (selected >= 0) mark();
  }

  const ranks = new Int32Array(count);
  Array.from(data.values.keys()).sort((a, b) => data.values[b] - data.values[a] || a - b)
      .forEach((patch, rank) => { ranks[patch] = rank + 1; });

  function mark() {
    const scaled = limit > 0 ? clamp(data.values[selected] / limit, -1, 1) : 0;
    marker.hidden = false;
    marker.style.left = (data.signed ? 50 * (scaled + 1) : 100 * Math.max(scaled, 0)) + "%";
  }

  function select(patch) {
    if (patch === selected) return;
    selected = patch;
    cursor.hidden = marker.hidden = patch < 0;
    if (patch < 0) return;
    const row = Math.floor(patch / data.columns), column = patch % data.columns, value = data.values[patch];
    cursor.style.left = 100 * (areaLeft + column / data.columns * areaWidth) + "%";
    cursor.style.top = 100 * (areaTop + row / data.rows * areaHeight) + "%";
    cursor.style.width = 100 * areaWidth / data.columns + "%";
    cursor.style.height = 100 * areaHeight / data.rows + "%";
    const number = document.createElement("b");
    number.className = value < 0 ? "negative" : "positive";
    number.textContent = signs(value) + Math.abs(value).toFixed(4);
    const size = Math.abs(data.target);
    const relative = size < 1e-6 ? "" :
        ", " + signs(value) + (100 * Math.abs(value) / size).toFixed(2) + " % of the " + tooltip.dataset.quantity;
    tooltip.replaceChildren(`Row ${row}, column ${column}: `, number,
                            `${relative}; number ${ranks[patch]} of ${count}.`);
    mark();
  }

  function patchAt(event) {
    const box = stage.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width - areaLeft) / areaWidth;
    const y = ((event.clientY - box.top) / box.height - areaTop) / areaHeight;
    if (x < 0 || x >= 1 || y < 0 || y >= 1) return -1;
    return Math.floor(y * data.rows) * data.columns + Math.floor(x * data.columns);
  }

  stage.tabIndex = 0;
  stage.setAttribute("aria-label", "Image with heatmap; arrow keys move from patch to patch");
  tooltip.textContent = "Point at a patch to read its contribution, or focus the image and use the arrow keys.";
  stage.addEventListener("pointermove", (event) => select(patchAt(event)));
  stage.addEventListener("pointerdown", (event) => select(patchAt(event)));
  stage.addEventListener("keydown", (event) => {
    const move = {ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0]}[event.key];
    if (!move) return;
    event.preventDefault();
    const from = selected < 0 ? ranks.indexOf(1) : selected;
    const row = clamp(Math.floor(from / data.columns) + move[0], 0, data.rows - 1);
    const column = clamp(from % data.columns + move[1], 0, data.columns - 1);
    select(selected < 0 ? from : row * data.columns + column);
  });
  for (const button of document.querySelectorAll("[data-patch]")) {
    const show = () => select(Number(button.dataset.patch));
    for (const kind of ["pointerenter", "focus", "click"]) button.addEventListener(kind, show);
  }

  for (const radio of document.querySelectorAll("[name=style]")) {
    radio.addEventListener("change", () => { style = radio.value; paint(); });
  }
  function slider(id, act) {
    const input = byId(id);
    const update = () => { byId(id + "-value").textContent = input.value + " %"; act(input.value / 100); };
    input.addEventListener("input", update);
    update();
  }
  slider("opacity", (fraction) => stage.style.setProperty("--opacity", fraction));
  slider("scale", (fraction) => { zoom = fraction; paint(); });

  for (const button of document.querySelectorAll(".fold")) {
    const members = byId(button.getAttribute("aria-controls"));
    const fold = (open) => { button.setAttribute("aria-expanded", open); members.hidden = !open; };
    button.addEventListener("click", () => fold(members.hidden));
    fold(false);
  }
{{components}}})();
