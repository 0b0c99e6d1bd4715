// A new result replaces the view of an old one. What the reader did with the old view is done again with the new one
// before it is shown: open folds, settings of inputs, scroll positions, focus.

const name_of = (element: Element): string =>
  `${element.tagName} ${element.getAttribute("type") ?? ""} ${element.getAttribute("value") ?? ""} ` +
  `${element.closest("label")?.textContent?.replace(/[\d.]+ %/, "") ?? element.getAttribute("aria-label") ?? ""}`;

/** Pairs of elements of both views that match `selector` and have the same name; equal names in their order. */
function pairs<Kind extends Element>(before: Element, after: Element, selector: string,
                                     name: (element: Kind) => string): [Kind, Kind][] {
  const found = new Map<string, Kind[]>();
  for (const element of before.querySelectorAll<Kind>(selector)) {
    const list = found.get(name(element)) ?? [];
    list.push(element);
    found.set(name(element), list);
  }
  return Array.from(after.querySelectorAll<Kind>(selector)).flatMap((element): [Kind, Kind][] => {
    const match = found.get(name(element))?.shift();
    return match ? [[match, element]] : [];
  });
}

function copy_inputs(before: Element, after: Element): void {
  for (const [from, to] of pairs<HTMLInputElement>(before, after, "input", name_of)) {
    if (from.checked !== to.checked && (from.type === "checkbox" || from.checked)) {
      to.checked = from.checked;
      to.dispatchEvent(new Event("change", {bubbles: true}));
    }
    if (from.type === "range" && from.value !== to.value) {
      to.value = from.value;
      to.dispatchEvent(new Event("input", {bubbles: true}));
    }
  }
}

function copy_folds(before: Element, after: Element): void {
  const title = (fold: HTMLDetailsElement) => fold.querySelector("summary")?.textContent?.replace(/[\d.−+]+/g, "") ?? "";
  for (const [from, to] of pairs<HTMLDetailsElement>(before, after, "details", title)) {
    if (from.open === to.open) continue;
    to.open = from.open;
    to.dispatchEvent(new Event("toggle"));  // the browser's own comes later; folds are filled at this event
  }
}

/** Rows of tables that unfold. */
function copy_unfolded(before: Element, after: Element): void {
  for (const [from, to] of pairs<HTMLElement>(before, after, "button.unfold", ({textContent}) => textContent ?? "")) {
    if (from.getAttribute("aria-expanded") !== to.getAttribute("aria-expanded")) to.click();
  }
}

/** The children that the view made itself: the region tool's parts move from view to view. */
const own_children = (element: Element): Element[] =>
  Array.from(element.children).filter((child) => !child.matches(".region-bar, .marked, .region-layer"));

/** The place of an element as the positions of its ancestors among their siblings. */
function path_of(element: Element, root: Element): number[] {
  const path: number[] = [];
  for (let at: Element = element; at !== root && at.parentElement; at = at.parentElement) {
    path.unshift(own_children(at.parentElement).indexOf(at));
  }
  return path;
}

/** Replaces a view; the page's scroll position stays. */
export function replace_view(container: HTMLElement, before: HTMLElement | null, after: HTMLElement): void {
  const scroll = window.scrollY;
  if (!before || before.parentElement !== container) {
    container.replaceChildren(after);
    return;
  }
  const focused = before.contains(document.activeElement) ? document.activeElement : null;
  const path = focused ? path_of(focused, before) : [];
  copy_folds(before, after);
  copy_unfolded(before, after);
  copy_inputs(before, after);
  const scrolled = pairs<HTMLElement>(before, after, ".scroll", () => "").filter(([from]) => from.scrollLeft > 0)
                                                                        .map(([from, to]) => [to, from.scrollLeft] as const);
  container.replaceChild(after, before);
  for (const [box, left] of scrolled) box.scrollLeft = left;
  if (focused) {
    const again = path.reduce<Element | undefined>((at, index) => at && own_children(at)[index], after);
    if (again instanceof HTMLElement && again.tagName === focused.tagName) again.focus({preventScroll: true});
  }
  if (scroll > 0) window.scrollTo(window.scrollX, scroll);  // at the top this would only cost a layout
}
