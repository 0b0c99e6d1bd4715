import type {Shortcut} from "./panels/help";
import type {ImagePanel} from "./panels/image_panel";
import type {MethodPanel} from "./panels/method_panel";
import type {TextsPanel} from "./panels/texts_panel";
import type {Tool} from "./region_tool";
import type {Store} from "./store";
import {tabs} from "./tabs";

export interface ShortcutActions {
  store: Store;
  image: ImagePanel;
  texts: TextsPanel;
  method: MethodPanel;
  tool: (tool: Tool) => void;
  clear: () => void;
  help: () => void;
}

/** Opens the fold of an element and focuses it. */
function reveal(element: HTMLElement): void {
  const fold = element.closest("details");
  if (fold) fold.open = true;
  element.focus();
}

export function shortcuts_of({store, image, texts, method, tool, clear, help}: ShortcutActions): Shortcut[] {
  return [
    {keys: "t", text: "Texts: classes or sentences", act: () => reveal(texts.field)},
    {keys: "i", text: "Choose an image file", act: () => reveal(image.button)},
    {keys: "m", text: "Search the methods", act: () => reveal(method.search)},
    {keys: "s", text: "Go to the image; arrow keys move from patch to patch",
     act: () => document.querySelector<HTMLElement>(".stage")?.focus()},
    {keys: "Space", text: "On the image: mark or unmark a patch (Shift and arrow keys: several)"},
    {keys: "l", text: "Look (no tool)", act: () => tool("look")},
    {keys: "b", text: "Box", act: () => tool("box")},
    {keys: "f", text: "Lasso (free form)", act: () => tool("lasso")},
    {keys: "p", text: "Superpixel", act: () => tool("superpixel")},
    {keys: "Esc", text: "Leave a field; cancel a running call; unmark all patches", act: clear},
    ...tabs.map(({name, title}, i) => ({keys: String((i + 1) % 10), text: title, act: () => store.change({tab: name})})),
    {keys: "?", text: "This list", act: help},
  ];
}
