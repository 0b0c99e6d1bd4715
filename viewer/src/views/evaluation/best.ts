import {bars} from "../../kit/bars";
import {h} from "../../kit/dom";
import {plain} from "../../kit/numbers";
import {lede, section} from "../../kit/section";
import type {Evaluation} from "../../results";
import {Category, over_text, rank_score} from "./board";

const shown = 5;

function best_of(result: Evaluation, {name, ranking}: Category): HTMLElement {
  const {order, means, possible} = ranking, {methods} = result;
  const best = order.filter((at) => !methods[at].baseline && means[at]?.counts).slice(0, shown);
  const baselines = order.filter((at) => methods[at].baseline && means[at]);
  const caption = [`${name} `, h("small", {}, `mean rank over ${possible} metric${possible === 1 ? "" : "s"}`)];
  return bars([...best, ...baselines].map((at) => {
    const mean = means[at]!, over = over_text(mean, possible);
    return {name: [methods[at].name, over ? h("small", {}, ` ${over}`) : null],
            value: rank_score(mean.rank, methods.length),
            text: plain(mean.rank, 1), class: methods[at].baseline ? "baseline" : undefined};
  }), {caption, limit: 1, signed: false});
}

/** The best methods of each category, and the baselines. */
export function best_section(result: Evaluation): HTMLElement | null {
  const ranked = result.ranking.categories.filter(({ranking}) => ranking.possible > 0);
  if (ranked.length === 0) return null;
  return section("Best methods",
    lede(`The five methods with the best mean rank in each category, and below them the random baselines. A longer bar is a better mean rank among ${result.methods.length} rows.`),
    h("div", {class: "bests"}, ranked.map((category) => best_of(result, category))));
}
