import type {ServedImages, ServedModel} from "./api";
import type {ErrorLines} from "./errors";
import type {Method} from "./fields";
import type {State} from "./state";
import type {Store} from "./store";

/** What the server has; empty until it has answered. */
export interface Served {
  models: readonly ServedModel[];
  methods: readonly Method[];
  images: ServedImages;
}

/** What every part of the page works with. */
export interface Page {
  store: Store;
  served: Served;
  errors: ErrorLines;
  /** Says something to a screen reader. */
  announce: (text: string) => void;
}

/** A part of the page that follows the state. */
export interface Part {
  element: HTMLElement;
  update: (state: State) => void;
}
