import {h} from "../kit/dom";
import {ApiError} from "./api";

/** Where on the page an error is shown: beside its cause. */
export type Place = "image" | "texts" | "target" | "method" | "model" | "options" | "result";

/** The place of an error by the field that the server names; errors of a method's options name the method. */
export function place_of(error: ApiError, method = ""): Place {
  const where = error.where.replace(/^options\./, "");
  if (/^(classes|prompts?|templates)\b/.test(where)) return "texts";
  if (/^(class|versus|feature)\b/.test(where)) return "target";
  if (/^method/.test(where) || where === method && method !== "") return "method";
  if (/^model\b/.test(where)) return "model";
  if (/^image\b/.test(where) || /^(upload|example|folder):/.test(where) || error.status === 413 ||
      error.status === 415 || error.status === 422) return "image";
  if (error.status === 400 && where !== "") return "options";
  return "result";
}

/** The lines for errors, one at each place. */
export class ErrorLines {
  private readonly lines = new Map<Place, HTMLElement>();

  /** The line of a place; it is made once. */
  line(place: Place): HTMLElement {
    const line = this.lines.get(place) ?? h("p", {class: "error", role: "alert", hidden: true});
    this.lines.set(place, line);
    return line;
  }

  show(place: Place, sentence: string): void {
    const line = this.line(place);
    line.textContent = sentence;
    line.hidden = false;
    for (let fold = line.closest("details"); fold; fold = fold.parentElement?.closest("details") ?? null) fold.open = true;
  }

  clear(place?: Place): void {
    for (const [name, line] of this.lines) {
      if (place !== undefined && place !== name) continue;
      line.hidden = true;
      line.textContent = "";
    }
  }
}

/** What an error says to the reader. */
export function sentence_of(error: unknown): string {
  if (!(error instanceof ApiError)) return `The result cannot be shown: ${(error as Error).message}.`;
  const where = error.where.replace(/^options\./, "");
  const text = error.message.charAt(0).toUpperCase() + error.message.slice(1);
  const plain = where === "" || /^(upload|example|folder):|^(image|server|queue|body)$/.test(where);
  const full = plain ? text : `${where}: ${error.message}`;
  return /[.!?…”")]$/.test(full) ? full : `${full}.`;
}
