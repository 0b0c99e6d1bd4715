import {h} from "./dom";
import "../../style/contents.css";

/** Links to the sections of a page, under its headline. */
export function contents(sections: readonly (HTMLElement | null)[]): HTMLElement {
  const links = sections.flatMap((section) => section ? [section] : []).map((section) => {
    const title = section.querySelector("h2")?.textContent ?? "";
    const go = (event: Event) => {
      event.preventDefault();  // the live viewer keeps its state in the address
      section.scrollIntoView();
      section.tabIndex = -1;
      section.focus({preventScroll: true});
    };
    return h("li", {}, h("a", {href: `#${section.id}`, on: {click: go}}, title));
  });
  return h("nav", {class: "contents", "aria-label": "On this page"}, h("ul", {}, links));
}
