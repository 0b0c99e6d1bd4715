import {Child, h} from "../../kit/dom";
import {plain, scientific} from "../../kit/numbers";
import type {Evaluation} from "../../results";

export type Row = Evaluation["methods"][number];
export type Category = Evaluation["ranking"]["categories"][number];
export type MeanRanks = Category["ranking"];
export type MeanRank = MeanRanks["means"][number];

/** Three significant digits, "0.500", "12300" or "1.23e−7". */
export function short_number(value: number): string {
  if (value === 0) return "0";
  const rounded = Number(value.toPrecision(3)), power = Math.floor(Math.log10(Math.abs(rounded)));
  if (power < -4 || power > 6) return scientific(value, 2);
  return plain(rounded, Math.max(0, 2 - power));
}

/** A rank among `count` mapped to 0 … 1: 1 for the first, 0 for the last. */
export function rank_score(rank: number, count: number): number {
  return count < 2 ? 1 : (count - rank) / (count - 1);
}

/** "over 3 of 5" if the mean is not over all ranks. */
export function over_text(mean: NonNullable<MeanRank>, possible: number): string {
  return mean.over === possible ? "" : `over ${mean.over} of ${possible}`;
}

export function mean_cell(mean: MeanRank, possible: number): Child {
  if (!mean) return ["–", h("span", {class: "hidden"}, " no ranks")];
  const over = over_text(mean, possible);
  return [plain(mean.rank, 1), over ? h("small", {}, over) : null];
}

/** What a column of mean ranks is sorted by: means over too few ranks come last. */
export function mean_key(mean: MeanRank): number | null {
  return mean?.counts ? mean.rank : null;
}

export function name_cell(row: Row): Child {
  return [row.name, row.baseline ? h("small", {}, " baseline") : null];
}

export function row_class(row: Row): string | undefined {
  return row.baseline ? "baseline" : undefined;
}
