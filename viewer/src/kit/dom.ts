// Elements. Text is always a text node, never markup, so nothing in a result can become HTML.

export type Child = Node | string | number | null | undefined | false | readonly Child[];

export interface Attributes {
  class?: string;
  /** CSS properties, custom ones too. They are set by script, which the page's security policy allows. */
  style?: Record<string, string | number>;
  on?: Record<string, (event: any) => void>;
  /** true sets an empty attribute; false, null and undefined leave it out. */
  [name: string]: unknown;
}

function fill(element: HTMLElement | SVGElement, attributes: Attributes, children: readonly Child[]): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name === "style") {
      for (const [property, text] of Object.entries(value as object)) {
        element.style.setProperty(property, String(text));
      }
    } else if (name === "on") {
      for (const [event, act] of Object.entries(value as object)) element.addEventListener(event, act);
    } else {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  append(element, children);
}

/** Appends children; lists are flattened, and null, undefined and false are skipped. */
export function append(parent: Node, children: readonly Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) append(parent, child);
    else parent.appendChild(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

/** An HTML element: h("p", {class: "faint"}, "text", h("b", {}, 3)). */
export function h<Tag extends keyof HTMLElementTagNameMap>(
    tag: Tag, attributes: Attributes = {}, ...children: Child[]): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  fill(element, attributes, children);
  return element;
}

/** An SVG element. */
export function svg<Tag extends keyof SVGElementTagNameMap>(
    tag: Tag, attributes: Attributes = {}, ...children: Child[]): SVGElementTagNameMap[Tag] {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  fill(element, attributes, children);
  return element;
}

/** Replaces all children. */
export function replace(parent: Node, ...children: Child[]): void {
  parent.textContent = "";
  append(parent, children);
}

let ids = 0;
/** An id that no other element of the page has. */
export function unique_id(prefix: string): string {
  return `${prefix}-${++ids}`;
}
