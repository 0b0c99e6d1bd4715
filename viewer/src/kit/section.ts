import {Child, h} from "./dom";
import {table} from "./table";

/** A part of the page with a heading that a link can lead to. */
export function section(title: string, ...children: Child[]): HTMLElement {
  const id = title.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
  return h("section", {id, "aria-labelledby": `${id}-title`}, h("h2", {id: `${id}-title`}, title), children);
}

/** A paragraph under a heading that says how to read what follows. */
export function lede(...children: Child[]): HTMLElement {
  return h("p", {class: "lede"}, children);
}

/** The top of a page. */
export function header(headline: string, notes: readonly string[], ...children: Child[]): HTMLElement {
  return h("header", {}, h("p", {class: "eyebrow"}, "whyclip"), h("h1", {}, headline),
           notes.length ? h("div", {class: "notes", role: "note"}, notes.map((note) => h("p", {}, note))) : null,
           children);
}

/** Large numbers under the headline. */
export function tiles(entries: readonly {label: string; value: string; detail?: string; class?: string}[]): HTMLElement {
  return h("dl", {class: "tiles"}, entries.map((entry) =>
    h("div", {class: `tile ${entry.class ?? ""}`}, h("dt", {}, entry.label),
      h("dd", {}, h("b", {}, entry.value), entry.detail ? ` ${entry.detail}` : null))));
}

/** Name and value of what a result was made with. */
export function settings_table(settings: readonly [string, string][], caption: Child = "Settings"): HTMLElement {
  return table(settings, [{title: "", cell: ([name]) => name}, {title: "", cell: ([, value]) => value}],
               {caption, class: "settings", label: "Settings"});
}

/** Explanations at the end of the page. */
export function footer(...paragraphs: Child[]): HTMLElement {
  return h("footer", {}, paragraphs.map((text) => text ? h("p", {}, text) : null));
}

/** A picture with a caption. */
export function figure(content: Child, caption: Child, attributes: {class?: string} = {}): HTMLElement {
  return h("figure", attributes, content, h("figcaption", {}, caption));
}

/** Figures side by side, as many in a row as fit. */
export function figures(items: readonly Child[], least_width = 220): HTMLElement {
  return h("div", {class: "figures", style: {"--least": `${least_width}px`}}, items);
}

/** A part that opens on demand; it is built when it is opened first. */
export function fold(summary: Child, build: () => Child, open = false): HTMLDetailsElement {
  const details = h("details", {open}, h("summary", {}, summary));
  let built = false;
  const fill = () => {
    if (built || !details.open) return;
    built = true;
    details.append(h("div", {}, build()));
  };
  details.addEventListener("toggle", fill);
  if (open) fill();
  return details;
}
