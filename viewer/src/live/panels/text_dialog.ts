import {Child, h, replace} from "../../kit/dom";

/** A dialog; Escape and the button close it. */
export function dialog(title: string, ...content: Child[]): HTMLDialogElement {
  const close = h("button", {type: "button", class: "action", on: {click: () => box.close()}}, "Close");
  const heading = h("h2", {id: `${title.toLowerCase().replace(/\W+/g, "-")}-dialog`}, title);
  const box: HTMLDialogElement = h("dialog", {"aria-labelledby": heading.id}, heading, content,
                                   h("div", {class: "dialog-end"}, close));
  box.addEventListener("click", (event) => { if (event.target === box) box.close(); });
  return box;
}

/** Shows a text and copies it; where copying is not allowed, the text is selected. */
export async function show_text(title: string, text: string, hint = ""): Promise<void> {
  const said = h("p", {role: "status"}), rows = Math.min(24, text.split("\n").length + 2);
  const field = h("textarea", {readonly: true, class: "code", rows, spellcheck: "false", "aria-label": title});
  field.value = text;
  const box = dialog(title, field, hint ? h("p", {class: "under"}, hint) : null, said);
  box.addEventListener("close", () => box.remove());
  document.body.append(box);
  box.showModal();
  field.select();
  const copied = await navigator.clipboard?.writeText(text).then(() => true, () => false) ?? false;
  replace(said, copied ? "Copied to the clipboard." : "Copy the selected text with Ctrl+C.");
}
