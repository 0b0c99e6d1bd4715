import {append, h, replace} from "../../kit/dom";
import {ApiError, get_images, ServedImage, thumbnail_address, upload} from "../api";
import {sentence_of} from "../errors";
import type {Page, Part} from "../part";
import type {State} from "../state";
import {debounced, panel} from "./panel";

const most_shown = 60;  // thumbnails; the filter finds the others

/** The image: dropped, pasted, chosen from a file, or one of those that the server has. */
export class ImagePanel implements Part {
  readonly element: HTMLElement;
  private readonly file = h("input", {type: "file", accept: "image/jpeg,image/png,image/webp", class: "hidden", tabindex: -1,
                                      "aria-label": "Image file"});
  readonly button = h("button", {type: "button", class: "action"}, "Choose a file …");
  private readonly name = h("span");
  private readonly whole = h("input", {type: "checkbox"});
  private readonly filter = h("input", {type: "search", placeholder: "Filter by name", "aria-label": "Filter the images by name"});
  private readonly thumbnails = h("div", {class: "thumbnails", role: "group", "aria-label": "Images of the server"});

  constructor(private readonly page: Page) {
    this.element = panel("Image", this.name, false,
      h("p", {class: "drop-hint"}, this.button, " or drop or paste one."), this.file,
      page.errors.line("image"), this.filter, this.thumbnails,
      h("label", {class: "switch"}, this.whole, " whole image, not only the crop"));
    this.button.addEventListener("click", () => this.file.click());
    this.file.addEventListener("change", () => {
      if (this.file.files?.[0]) void this.take(this.file.files[0]);
      this.file.value = "";
    });
    this.whole.addEventListener("change", () => page.store.change({whole: this.whole.checked, patches: []}));
    this.filter.addEventListener("input", debounced(60, () => this.list()));
    listen_for_files((file) => void this.take(file));
  }

  update(state: State): void {
    const known = this.page.served.images.images.find(({id}) => id === state.image);
    this.name.textContent = known?.name ?? state.image.replace(/^\w+:/, "");
    this.whole.checked = state.whole;
    for (const button of this.thumbnails.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.getAttribute("data-id") === state.image));
    }
  }

  /** Shows what the server has. */
  list(): void {
    const {images, more} = this.page.served.images, wanted = this.filter.value.toLowerCase();
    const found = images.filter(({name}) => name.toLowerCase().includes(wanted));
    this.filter.hidden = images.length <= 8;
    replace(this.thumbnails, found.slice(0, most_shown).map((image) => this.thumbnail(image)));
    const left = found.length - most_shown;
    if (left > 0 || more) {
      append(this.thumbnails, [h("p", {class: "faint"}, left > 0 ? `${left} more; filter by name to find them.`
                                                                 : "The folder has more images than the server lists.")]);
    }
    if (found.length === 0) append(this.thumbnails, [h("p", {class: "faint"}, "No image has this name.")]);
    this.update(this.page.store.state);
  }

  private thumbnail(image: ServedImage): HTMLElement {
    return h("button", {type: "button", "data-id": image.id, title: image.path ?? image.name, "aria-pressed": "false",
                        on: {click: () => this.page.store.change({image: image.id, patches: []})}},
             h("img", {src: thumbnail_address(image.id), alt: image.name, loading: "lazy", width: 64, height: 64}));
  }

  private async take(file: File): Promise<void> {
    const {store, errors, served, announce} = this.page;
    errors.clear("image");
    announce(`Sending ${file.name} …`);
    try {
      const id = await upload(file, file.name || "pasted.png");
      served.images = await get_images();
      store.change({image: id, patches: []});
      this.list();
    } catch (error) {
      errors.show("image", error instanceof ApiError ? sentence_of(error)
                                                     : "The server does not answer, so the image was not sent.");
    }
  }
}

/** Files that are dropped or pasted anywhere. */
function listen_for_files(take: (file: File) => void): void {
  const veil = h("div", {class: "drop-veil", hidden: true}, "Drop the image to explain it");
  document.body.append(veil);
  const has_file = (event: DragEvent) => Array.from(event.dataTransfer?.types ?? []).includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!has_file(event)) return;
    event.preventDefault();
    veil.hidden = false;
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) veil.hidden = true; });
  document.addEventListener("drop", (event) => {
    veil.hidden = true;
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    event.preventDefault();
    take(file);
  });
  document.addEventListener("paste", (event) => {
    const file = event.clipboardData?.files[0];
    if (!file) return;
    event.preventDefault();
    take(file);
  });
}
