import {h} from "../../kit/dom";
import {descending, fraction, plain, signed} from "../../kit/numbers";
import {table} from "../../kit/table";
import type {Explanation} from "../../results";

type Scores = Explanation["scores"];

const ranks = (scores: Scores): Map<string, number> =>
  new Map(descending(scores.map(({logit}) => logit)).map((i, place) => [scores[i].name, place + 1]));

/** The rankings of two models and their difference. */
export function models_table(first: Explanation, second: Explanation): HTMLElement {
  type Row = {a: Scores[number]; b: Scores[number]; from: number; to: number};
  const before = ranks(first.scores), after = ranks(second.scores);
  const other = new Map(second.scores.map((score) => [score.name, score]));
  const rows = descending(first.scores.map(({logit}) => logit)).flatMap((i): Row[] => {
    const a = first.scores[i], b = other.get(a.name);
    return b ? [{a, b, from: before.get(a.name)!, to: after.get(a.name)!}] : [];
  });
  const names = [first.model.name, second.model.name];
  const columns = ([["a", "from"], ["b", "to"]] as const).flatMap(([which, rank], i) => [
    {title: `${names[i]}: probability`, number: true, cell: (row: Row) => fraction(row[which].probability),
     sort: (row: Row) => row[which].probability},
    {title: "logit", number: true, cell: (row: Row) => plain(row[which].logit), sort: (row: Row) => row[which].logit},
    {title: "rank", number: true, cell: (row: Row) => row[rank], sort: (row: Row) => row[rank], best: "low" as const}]);
  return h("section", {class: "models", "aria-label": "Rankings of both models"}, table(rows, [
    {title: first.of_prompts ? "prompt" : "class", cell: ({a}) => a.name}, ...columns,
    {title: "probability, difference", number: true, cell: ({a, b}) => signed(100 * (b.probability - a.probability), 1) + "\u00a0%",
     sort: ({a, b}) => b.probability - a.probability},
    {title: "ranks up", number: true, cell: ({from, to}) => from === to ? "0" : signed(from - to, 0),
     sort: ({from, to}) => from - to},
  ], {caption: `${names[0]} and ${names[1]}: the difference is the second minus the first`}));
}
