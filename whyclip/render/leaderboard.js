"use strict";
(() => {
  document.documentElement.classList.add("scripted");

  const number = (row, column) => Number(row.cells[column].dataset.v ?? NaN);
  const text = (row, column) => row.cells[column].textContent;

  // Rows without a number are last in both directions; the sort is stable.
  function sorted(rows, column, kind, reversed) {
    const sign = (kind === "high") !== reversed ? -1 : 1;
    if (kind === "text") return rows.sort((a, b) => sign * text(a, column).localeCompare(text(b, column)));
    const has = (row) => !Number.isNaN(number(row, column));
    return rows.sort((a, b) => has(b) - has(a) ||
                               (has(a) ? sign * (number(a, column) - number(b, column)) : 0));
  }

  for (const table of document.querySelectorAll(".sortable")) {
    const body = table.tBodies[0], given = [...body.rows];
    for (const head of table.querySelectorAll("th[data-best]")) {
      const button = document.createElement("button"), kind = head.dataset.best;
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const first = kind === "high" ? "descending" : "ascending";
        const reversed = head.getAttribute("aria-sort") === first;
        for (const other of table.querySelectorAll("[aria-sort]")) other.removeAttribute("aria-sort");
        const other = first === "ascending" ? "descending" : "ascending";
        head.setAttribute("aria-sort", reversed ? other : first);
        body.append(...sorted([...given], head.cellIndex, kind, reversed));
      });
    }
  }

  // Folded sections would not be printed.
  const folds = document.querySelectorAll("details");
  let open = [];
  window.addEventListener("beforeprint", () => {
    open = [...folds].map((fold) => fold.open);
    for (const fold of folds) fold.open = true;
  });
  window.addEventListener("afterprint", () => folds.forEach((fold, i) => { fold.open = open[i]; }));
})();
