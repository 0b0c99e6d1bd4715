import type {Grid} from "../../kit/grid";
import {largest} from "../../kit/numbers";
import {Selection} from "../../kit/selection";
import type {StageMap} from "../../kit/stage";
import type {Deoptimisation} from "../../results";
import type {ViewContext} from "../view";

/** The maps of the change with the grid of their cells. */
export interface ChangeMaps {
  grid: Grid;
  selection: Selection;
  maps: {name: string; no_map: string; map: StageMap}[];
  checked: number;  // the reduction that the checks are about
}

const names = {"mean": "mean of the channels", "max": "maximum of the channels", "most-varied": "most varied channel",
               "boosted": "boosted values: a softmax over each row of 100 × the maximum, as published",
               "norm": "norm over the channels"};

/** Whether a reduction can be below zero. */
export const is_signed = (reduction: Deoptimisation["reduction"]) => reduction !== "norm" && reduction !== "boosted";

/** By pixel if the result has them and pixels were changed, otherwise by patch. */
export function change_maps(result: Deoptimisation, context: ViewContext): ChangeMaps {
  const patches = result.image.grid, cells = result.detail?.maps.length ? result.detail.maps : null;
  const same = !cells || (result.rows === patches.rows && result.columns === patches.columns);
  return {
    grid: cells ? {rows: result.rows, columns: result.columns, area: patches.area} : patches,
    selection: same ? context.selection : new Selection(),
    maps: result.changes.map((change, i) => {
      const values = cells?.[i] ?? change.patches;
      return {name: names[change.reduction], no_map: change.no_map,
              map: {values, limit: context.limit ?? largest(values), signed: is_signed(change.reduction)}};
    }),
    checked: Math.max(0, result.changes.findIndex(({reduction}) => reduction === result.reduction))};
}
