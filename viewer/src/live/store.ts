import {from_query, State, to_query} from "./state";

/** The state of the page and its address in the browser, which always agree. */
export class Store {
  state: State = from_query(location.search);
  private readonly listeners: ((state: State) => void)[] = [];

  constructor() {
    window.addEventListener("popstate", () => {
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur();  // a focused field keeps its text
      this.set(from_query(location.search));
    });
  }

  /** "push" makes an entry that the back button returns to; "replace" is for changes while you type. */
  change(change: Partial<State>, how: "push" | "replace" = "push"): void {
    const next = {...this.state, ...change};
    const address = to_query(next);
    if (address === to_query(this.state)) return;
    const path = location.pathname + address;
    if (how === "push") history.pushState(null, "", path);
    else history.replaceState(null, "", path);
    this.set(next);
  }

  follow(act: (state: State) => void): void { this.listeners.push(act); }

  private set(next: State): void {
    this.state = next;
    for (const act of this.listeners) act(next);
  }
}
