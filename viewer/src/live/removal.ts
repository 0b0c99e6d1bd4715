// The part of "whyclip removal 1" that the page shows.

interface Row { name: string; logit: number; probability: number; }

export interface Removal {
  target: {name: string; unit: string; value: number};
  patches: number[];
  ways: {fill: string; removed: number; only: number}[];
  scores: Row[];
  scores_removed: Row[];
}
