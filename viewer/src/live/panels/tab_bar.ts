import {h} from "../../kit/dom";
import type {Page, Part} from "../part";
import {State, TabName, to_query} from "../state";
import {tabs} from "../tabs";

/** The views of one question, as links that keep the question. */
export class TabBar implements Part {
  private readonly links = new Map<TabName, HTMLAnchorElement>();
  readonly element: HTMLElement;

  constructor(private readonly page: Page) {
    for (const {name, title, question} of tabs) {
      this.links.set(name, h("a", {title: question, on: {click: (event: MouseEvent) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;  // a new window
        event.preventDefault();
        page.store.change({tab: name});
      }}}, title));
    }
    this.element = h("nav", {class: "tabs", "aria-label": "Views"}, Array.from(this.links.values()));
  }

  update(state: State): void {
    const before = this.element.querySelector("[aria-current]");
    for (const [name, link] of this.links) {
      link.href = to_query({...state, tab: name}) || location.pathname;
      if (name === state.tab) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    this.links.get("heads")!.hidden = this.page.served.images.folder === null && state.tab !== "heads";
    const now = this.links.get(state.tab)!;
    if (before !== now) now.scrollIntoView({block: "nearest", inline: "nearest"});
  }
}
