import {h} from "../../kit/dom";
import {ApiError, make_file} from "../api";
import {command_of, python_of} from "../commands";
import {sentence_of} from "../errors";
import type {Page} from "../part";
import {compared_methods, request_of} from "../request";
import type {Answer} from "../runner";
import {show_text} from "./text_dialog";

/** Files of the result, and the question as a link, a command or a program. */
export class ShareMenu {
  private readonly files = [this.item("Save page", () => this.save("page")), this.item("Save PNG", () => this.save("overlay")),
                            this.item("Save JSON", () => this.save_json())];
  readonly element: HTMLDetailsElement = h("details", {class: "menu"}, h("summary", {}, "Save and copy"),
    h("div", {class: "menu-items"}, this.files, this.item("Copy link", () => show_text("Link", location.href)),
      this.item("Copy the command", () => this.copy_command()), this.item("Copy Python", () => this.copy_python())));

  constructor(private readonly page: Page, private readonly answer: () => Answer | null) {
    document.addEventListener("click", (event) => {
      if (!this.element.contains(event.target as Node)) this.element.open = false;
    });
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.element.open = false;
      this.element.querySelector("summary")!.focus();
    });
    this.element.addEventListener("toggle", () => {
      const answer = this.answer(), [, png] = this.files;
      for (const file of this.files) file.disabled = answer === null;
      png.hidden = answer !== null && answer.result.format !== "whyclip explanation 1";
    });
  }

  private item(title: string, act: () => void | Promise<void>): HTMLButtonElement {
    return h("button", {type: "button", on: {click: () => {
      this.element.open = false;
      this.page.errors.clear("result");
      Promise.resolve(act()).catch((error) => this.page.errors.show("result", error instanceof ApiError ? sentence_of(error)
        : "The server does not answer, so the file was not made."));
    }}}, title);
  }

  private need(): Answer {
    const answer = this.answer();
    if (!answer) throw new ApiError(0, "invalid", "", "There is no result yet.");
    return answer;
  }

  private async save(kind: "page" | "overlay"): Promise<void> {
    const answer = this.need();
    const file = await make_file(kind, answer.request.body.image ?? null, answer.text);
    download(file, `${this.file_name(answer)}.${kind === "page" ? "html" : "png"}`);
  }

  private save_json(): void {
    const answer = this.need();
    download(new Blob([answer.text], {type: "application/json"}), `${this.file_name(answer)}.json`);
  }

  private file_name({result}: Answer): string {
    const image = String(result.image?.name ?? "images").replace(/^.*[\\/]/, "").replace(/\.\w+$/, "");
    return [image, result.target?.name, this.page.store.state.tab].filter(Boolean).join(".").replace(/[^\p{L}\p{N}.−-]+/gu, "_");
  }

  /** The image's path for programs on the server's machine; of an upload only its name is known. */
  private image(): {path: string; upload: string | null} {
    const {state} = this.page.store, image = this.page.served.images.images.find(({id}) => id === state.image);
    if (image?.path) return {path: image.path, upload: null};
    return {path: image?.name ?? "IMAGE", upload: state.image.startsWith("upload:") ? image?.name ?? "IMAGE" : null};
  }

  private hint(): string {
    return this.image().upload === null ? "" : "The server knows only the name of an uploaded image: write its path.";
  }

  private copy_command(): Promise<void> {
    const {store: {state}, served} = this.page;
    const model = served.models.find(({id}) => id === state.model) ?? served.models[0];
    return show_text("Command", command_of(state, {
      image: this.image().path, folder: served.images.folder, model: !model || model.embedded ? "" : model.id,
      method: served.methods.find(({name}) => name === state.method) ?? null,
      methods: compared_methods(state, served.methods)}), this.hint());
  }

  private copy_python(): Promise<void> {
    const request = request_of(this.page.store.state, this.page.served.methods);
    return show_text("Python", python_of(request, location.origin, this.image().upload), this.hint());
  }
}

function download(file: Blob, name: string): void {
  const address = URL.createObjectURL(file), link = h("a", {href: address, download: name, hidden: true});
  document.body.append(link);
  link.click();
  link.remove();
  window.setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
