import {h} from "../../kit/dom";
import {lede, section} from "../../kit/section";
import {Column, table} from "../../kit/table";
import type {Evaluation} from "../../results";
import {mean_cell, mean_key, MeanRanks, name_cell, rank_score, Row, row_class, short_number} from "./board";

/** All methods with their mean ranks. */
export function overview_section(result: Evaluation): HTMLElement {
  const {methods, ranking} = result, at = new Map(methods.map((row, index) => [row, index]));
  const mean_column = (title: string, ranks: MeanRanks): Column<Row> => {
    const mean = (row: Row) => ranks.means[at.get(row)!];
    return {title, number: true, best: "low", cell: (row) => mean_cell(mean(row), ranks.possible), sort: (row) => mean_key(mean(row)),
            tint: (row) => { const own = mean(row); return own ? rank_score(own.rank, methods.length) : null; }};
  };
  const columns: Column<Row>[] = [
    {title: "method", cell: name_cell, sort: ({name}) => name},
    mean_column("all", ranking.overall),
    ...ranking.categories.filter(({ranking: {possible}}) => possible > 0).map((category) => mean_column(category.name, category.ranking)),
    {title: "seconds per image", number: true, best: "low", cell: ({seconds}) => short_number(seconds), sort: ({seconds}) => seconds},
    {title: "family", cell: ({family}) => family, sort: ({family}) => family, class: () => "words"},
    {title: "settings", cell: ({settings}) => settings || "defaults", class: () => "words"}];
  return section("All methods",
    lede("Mean ranks; 1 is best. “all” is the mean over the categories with equal weights."),
    h("div", {class: "boxed"}, table(ranking.overall.order.map((index) => methods[index]), columns,
      {class: "board", row_class, sorted: 1, label: "All methods with their mean ranks"})));
}
