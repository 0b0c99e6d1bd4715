/** Opens all folds of the page while it is printed. A fold is built when it opens, and the browser sends its event too late. */
export function open_folds_to_print(): void {
  let closed: HTMLDetailsElement[] = [];
  window.addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details")].filter((fold) => !fold.open);
    for (const fold of closed) {
      fold.open = true;
      fold.dispatchEvent(new Event("toggle"));
    }
  });
  window.addEventListener("afterprint", () => {
    for (const fold of closed) fold.open = false;
  });
}
