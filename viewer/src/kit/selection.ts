// A patch that several maps point at together. Maps of one page share a Selection, so their cursors move together.

export class Selection {
  private patch_ = -1;
  private readonly listeners = new Set<(patch: number) => void>();

  /** The row-major index of the patch; −1 for none. */
  get patch(): number { return this.patch_; }

  select(patch: number): void {
    if (patch === this.patch_) return;
    this.patch_ = patch;
    for (const act of this.listeners) act(patch);
  }

  /** Calls `act` at every change. Returns what stops it. */
  follow(act: (patch: number) => void): () => void {
    this.listeners.add(act);
    return () => this.listeners.delete(act);
  }
}
