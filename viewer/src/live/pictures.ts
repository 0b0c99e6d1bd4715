import {load_image} from "../kit/picture";
import type {Size} from "../kit/grid";
import {image_address} from "./api";

/** The images of the server, each fetched once: a new view shows its image at once. */
export class Pictures {
  private readonly kept = new Map<string, Promise<string | null>>();

  /** Begins to fetch an image. */
  prefetch(id: string): Promise<string | null> {
    const before = this.kept.get(id);
    if (before) return before;
    const address = fetch(image_address(id)).then(async (answer) => answer.ok ? URL.createObjectURL(await answer.blob()) : null,
                                                  () => null);
    this.kept.set(id, address);
    void address.then((found) => { if (found === null) this.kept.delete(id); });
    const most = 8, [oldest] = this.kept;
    if (this.kept.size > most) {
      this.kept.delete(oldest[0]);
      void oldest[1].then((old) => { if (old !== null) URL.revokeObjectURL(old); });
    }
    return address;
  }

  /** An element of its own, decoded; null if the server has no such image. */
  async load(id: string, size: Size | undefined): Promise<HTMLImageElement | null> {
    const image = load_image(await this.prefetch(id) ?? undefined, size);
    await image?.decode().catch(() => undefined);
    return image;
  }
}
