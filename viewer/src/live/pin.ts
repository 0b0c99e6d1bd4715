import {box_style, Grid, patch_at, Size} from "../kit/grid";
import type {Selection} from "../kit/selection";

export interface PinTarget { stage: HTMLElement; grid: Grid; size: Size; selection: Selection; }

/** The patch that the reader chose for the drill-down; a new result over the same grid shows it again. */
export class Pin {
  private patch = -1;
  private grid = "";

  /** Follows the reader's choices on the stage of a new view. */
  attach({stage, grid, size, selection}: PinTarget): void {
    const key = JSON.stringify([grid, size]);
    if (key !== this.grid) this.patch = -1;
    this.grid = key;
    stage.addEventListener("click", (event) => {
      const box = stage.getBoundingClientRect();
      if (!event.isTrusted) return;
      this.patch = patch_at(grid, (event.clientX - box.left) / box.width * size.width,
                            (event.clientY - box.top) / box.height * size.height);
    });
    stage.addEventListener("keydown", (event) => { if (event.key === "Enter") this.patch = selection.patch; });
  }

  /** Chooses the patch again, as a click does; the stage is on the page now. */
  restore({stage, grid, size}: PinTarget): void {
    if (this.patch < 0) return;
    const {columns} = grid, box = stage.getBoundingClientRect();
    const style = box_style(grid, size, Math.floor(this.patch / columns) + 0.5, this.patch % columns + 0.5, 1, 1);
    stage.dispatchEvent(new MouseEvent("click", {clientX: box.left + parseFloat(style.left) / 100 * box.width,
                                                 clientY: box.top + parseFloat(style.top) / 100 * box.height}));
  }
}
