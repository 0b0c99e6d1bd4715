import {Selection} from "../kit/selection";

/** What the live viewer can do for a view. Pages have none of it, so a view leaves out what needs it. */
export interface Actions {
  /** Explains another class, alone or against a second one. */
  explain_class(name: string, versus?: string): void;
  /** Explains by another method. */
  explain_method?(method: string): void;
  /** The words of a head over the served images, as an element that fills itself. */
  head_words?(block: number, head: number): HTMLElement;
}

/** What a view draws with, beside the result. */
export interface ViewContext {
  /** The image of the result, upright and perhaps smaller; null if the page has none. */
  image: HTMLImageElement | null;
  /** Further pictures by name: data or server addresses ("animation"). */
  pictures: Record<string, string>;
  /** Units at full colour, if the caller wants other than the largest |value|. */
  limit?: number;
  /** The patch that all maps of the page point at. */
  selection: Selection;
  actions: Actions | null;
}
