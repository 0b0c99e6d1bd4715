import {h} from "../../kit/dom";
import {dialog} from "./text_dialog";

export interface Shortcut { keys: string; text: string; act?: () => void; }

const preference = "whyclip.shortcuts";

/** Whether single keys act; a preference of this browser. */
const enabled = (): boolean => localStorage.getItem(preference) !== "off";

/** The list of shortcuts, and the keys themselves. */
export class Help {
  private readonly box: HTMLDialogElement;

  constructor(private readonly shortcuts: readonly Shortcut[]) {
    const input = h("input", {type: "checkbox", checked: enabled()});
    input.addEventListener("change", () => localStorage.setItem(preference, input.checked ? "on" : "off"));
    this.box = dialog("Keyboard",
      h("table", {}, h("tbody", {}, shortcuts.map(({keys, text}) =>
        h("tr", {}, h("th", {scope: "row"}, h("kbd", {}, keys)), h("td", {}, text))))),
      h("label", {class: "switch"}, input, " single keys act (not in text fields)"));
    document.body.append(this.box);
    document.addEventListener("keydown", (event) => this.key(event));
  }

  open(): void { this.box.showModal(); }

  private key(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const {target} = event;
    const typing = target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement ||
                   target instanceof HTMLInputElement && !["radio", "checkbox", "range"].includes(target.type);
    if (event.key === "Escape" && typing) return target.blur();
    if (typing || !enabled() && event.key !== "Escape") return;
    const shortcut = this.shortcuts.find(({keys, act}) => act && keys === (event.key === "Escape" ? "Esc" : event.key));
    if (!shortcut) return;
    event.preventDefault();
    shortcut.act!();
  }
}
