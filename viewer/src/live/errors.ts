import {h} from "../kit/dom";
import {ApiError} from "./api";
import type {State} from "./state";

/** Where on the page an error is shown: beside its cause; "main" repeats it where the result would be. */
export type Place = "image" | "texts" | "target" | "method" | "model" | "options" | "result" | "main";

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
    // A screen reader announces the line beside the cause; a second alert would say the same twice.
    const line = this.lines.get(place) ?? h("p", {class: "error", role: place === "main" ? undefined : "alert", hidden: true});
    this.lines.set(place, line);
    return line;
  }

  show(place: Place, sentence: string): void {
    const line = this.line(place);
    line.textContent = sentence;
    line.hidden = false;
    for (let fold = line.closest("details"); fold; fold = fold.parentElement?.closest("details") ?? null) fold.open = true;
  }

  /** Shows an error that leaves the question without a result: beside its cause, and above the result. */
  show_failure(place: Place, sentence: string): void {
    this.show(place, sentence);
    const in_main = place === "options" || place === "result";
    if (!in_main) this.show("main", sentence);
    const typing = document.activeElement?.matches("input, textarea") ?? false;
    if (!typing) this.line(in_main ? place : "main").scrollIntoView({block: "nearest"});
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
  const plain = where === "" || /^(upload|example|folder):|^(image|server|queue|body|memory|request)$/.test(where);
  const full = plain ? text : `${where}: ${error.message}`;
  return /[.!?…”")]$/.test(full) ? full : `${full}.`;
}

/** What an error says in this state of the page, and where. */
export function failure_of(error: unknown, state: State): {place: Place; sentence: string} {
  if (!(error instanceof ApiError)) {
    console.error(error);
    return {place: "result", sentence: sentence_of(error)};
  }
  const place = place_of(error, state.method);
  const gone = place === "image" && error.status === 404 && state.image.startsWith("upload:");
  return {place, sentence: gone ? "The server no longer has this image. Drop, paste or choose it again." : sentence_of(error)};
}
