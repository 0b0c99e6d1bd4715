import type {Regions} from "../../results";

/** What is chosen: a target, and a region or −1. Parts of the view follow it. */
export class RegionState {
  private readonly listeners: (() => void)[] = [];
  private target_: number;
  private region_ = -1;

  constructor(readonly result: Regions) { this.target_ = result.order[0]; }

  /** An index of result.targets. */
  get target(): number { return this.target_; }
  /** An index of result.sources. */
  get region(): number { return this.region_; }

  choose(target: number, region = this.region_): void {
    if (target === this.target_ && region === this.region_) return;
    this.target_ = target;
    this.region_ = region;
    for (const act of this.listeners) act();
  }

  follow(act: () => void): void { this.listeners.push(act); }
}

/** The region of each patch, −1 for none. */
export function owners_of({image, sources, regions}: Regions): number[] {
  const owners: number[] = Array(image.grid.rows * image.grid.columns).fill(-1);
  for (let region = 0; region < regions; ++region) {
    for (const patch of sources[region].patches) owners[patch] = region;
  }
  return owners;
}
