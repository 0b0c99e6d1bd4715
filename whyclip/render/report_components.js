
  // Components: shows the contributions of a head, or of the residual stream between two blocks, in place of the
  // whole map. This code is part of the function in report.js, which draws data.values on the scale data.limit.
  const whole = {values: data.values, limit: data.limit, signed: data.signed};
  const image = stage.querySelector("img"), look = byId("look-image");
  const heads = byId("heads"), stream = byId("stream"), view = document.querySelector(".view");
  const introduction = byId("look-text").textContent, invitation = tooltip.textContent;
  let chosen = null;

  function signed(value, decimals = 4) {
    const size = Math.abs(value);
    return size === 0 ? "0" : signs(value) + (size < 0.00005 ? size.toExponential(1) : size.toFixed(decimals));
  }
  // A token's contribution; the page has four significant digits of it.
  function rounded(value) {
    const size = Math.abs(value);
    return signed(value, size < 1 ? 4 : clamp(3 - Math.floor(Math.log10(size)), 0, 4));
  }

  // The description of a map as DOM nodes; the first number is bold.
  function describe(name, contribution, tokens) {
    const number = document.createElement("b");
    number.className = contribution < 0 ? "negative" : "positive";
    number.textContent = signed(contribution);
    const patches = tokens.slice(1);
    const best = patches.reduce((at, value, i) => Math.abs(value) > Math.abs(patches[at]) ? i : at, 0);
    const position = `row ${Math.floor(best / data.columns)}, column ${best % data.columns}`;
    const strongest = patches[best] === 0 ? "nothing from the patches" :
        `strongest patch ${position}: ${rounded(patches[best])}`;
    return [`${name}: `, number, ` of the ${tooltip.dataset.quantity}, class token ` +
                                 `${rounded(tokens[0])}, ${strongest}.`];
  }

  // Draws the chosen map again beside the heads, because the stage may be out of view.
  function preview() {
    const context = look.getContext("2d");
    const {naturalWidth: width, naturalHeight: height} = image;
    context.globalAlpha = 1;
    context.globalCompositeOperation = "source-over";
    context.drawImage(image, areaLeft * width, areaTop * height, areaWidth * width, areaHeight * height,
                      0, 0, look.width, look.height);
    if (!byId("show").checked) return;
    context.globalAlpha = byId("opacity").value / 100;
    if (style === "multiply") context.globalCompositeOperation = "multiply";
    context.drawImage(heat, 0, 0, look.width, look.height);
  }

  function show(cell, map, name, sentence) {
    data.values = map.values;
    data.limit = map.limit;
    data.signed = map.signed;
    Array.from(map.values.keys()).sort((a, b) => map.values[b] - map.values[a] || a - b)
        .forEach((patch, rank) => { ranks[patch] = rank + 1; });
    select(-1);
    paint();
    preview();
    const state = (element) => element.closest("table") ? "aria-selected" : "aria-pressed";
    if (chosen) chosen.setAttribute(state(chosen), "false");
    if (cell) cell.setAttribute(state(cell), "true");
    chosen = cell;
    view.classList.toggle("partial", cell !== null);
    byId("shown").textContent = name;
    byId("shown-links").hidden = cell === null;
    document.querySelector("#look [data-all]").hidden = cell === null;
    tooltip.replaceChildren(...(cell ? sentence() : [invitation]));
    byId("look-text").replaceChildren(...(cell ? sentence() : [introduction]));
  }
  const show_all = () => show(null, whole, "all sources");

  function show_head(cell, block, head) {
    const tokens = data.head_tokens[block][head], values = tokens.slice(1);
    const name = `${cell.parentElement.cells[0].textContent}, head ${head}`;
    const limit = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    show(cell, {values, limit, signed: true}, name, () => describe(name, data.heads[block][head], tokens));
  }

  const stream_limit = data.stream.flatMap((tokens) => tokens.slice(1))
      .reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  function show_stream(figure, boundary) {
    const tokens = data.stream[boundary], values = tokens.slice(1);
    const name = `the residual stream ${figure.dataset.name}`;
    show(figure, {values, limit: stream_limit, signed: true}, name,
         () => describe(`patches ${figure.dataset.name}`, data.stream_patches[boundary], tokens));
  }

  // Makes many cells one tab stop: arrow keys, Home and End move between them.
  function roam(cells, columns, act) {
    let current = 0;
    cells.forEach((cell, i) => {
      cell.tabIndex = i === 0 ? 0 : -1;
      cell.addEventListener("click", () => act(cell, i));
      cell.addEventListener("focus", () => {
        cells[current].tabIndex = -1;
        cell.tabIndex = 0;
        current = i;
        cell.scrollIntoView({block: "nearest", inline: "nearest"});
        if (cell !== chosen) act(cell, i);
      });
      cell.addEventListener("keydown", (event) => {
        const start = i - i % columns, end = Math.min(start + columns, cells.length) - 1;
        const to = {ArrowLeft: Math.max(i - 1, start), ArrowRight: Math.min(i + 1, end), Home: start, End: end,
                    ArrowUp: i - columns, ArrowDown: i + columns, Enter: i, " ": i}[event.key];
        if (event.key === "Escape") show_all();
        if (to === undefined) return;
        event.preventDefault();
        if (to === i) act(cell, i);
        else if (cells[to]) cells[to].focus();
      });
    });
  }

  const columns = data.heads[0].length;
  heads.setAttribute("role", "grid");
  heads.closest(".scroll").removeAttribute("tabindex");
  roam(Array.from(heads.tBodies[0].rows).flatMap((row) => Array.from(row.cells).slice(1, 1 + columns)), columns,
       (cell, i) => show_head(cell, Math.floor(i / columns), i % columns));
  if (stream) {
    for (const figure of stream.children) figure.setAttribute("role", "button");
    roam(Array.from(stream.children), stream.children.length, show_stream);
  }
  for (const button of document.querySelectorAll("[data-all]")) button.addEventListener("click", show_all);
  for (const kind of ["input", "change"]) document.querySelector(".controls").addEventListener(kind, preview);
  image.addEventListener("load", preview);
  show_all();
