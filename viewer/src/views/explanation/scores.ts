import {track} from "../../kit/bars";
import {h} from "../../kit/dom";
import {first_of} from "../../kit/more";
import {plain} from "../../kit/numbers";
import {section} from "../../kit/section";
import {Column, table} from "../../kit/table";
import type {Explanation} from "../../results";
import type {Actions} from "../view";

type Score = Explanation["scores"][number];

const few = 20;

/** The class that a contrast compares others with: the explained one, or the first of an explained contrast. */
function base_class({scores, target}: Explanation): string | null {
  const explained = scores.find((row) => row.explained);
  if (explained) return explained.name;
  const first = scores.find(({name}) => target.kind === "contrast" && scores.some((other) => `${name} − ${other.name}` === target.name));
  return first?.name ?? null;
}

function columns_of(result: Explanation, actions: Actions | null): Column<Score>[] {
  const base = base_class(result);
  const explain = ({name}: Score) => actions && !result.of_prompts
      ? h("button", {type: "button", class: "link", title: `Explain ${name}`, on: {click: () => actions.explain_class(name)}}, name) : name;
  const contrast = ({name}: Score) => name === base ? "" :
    h("button", {type: "button", class: "link", "aria-label": `Contrast ${base} with ${name}`,
                 on: {click: () => actions!.explain_class(base!, name)}}, "contrast");
  return [
    {title: "name", cell: explain, sort: ({name}) => name},
    {title: h("span", {class: "hidden"}, "bar"), cell: ({probability}) => track(probability, 1, false)},
    {title: "probability", number: true, cell: ({probability}) => `${plain(100 * probability)}\u00a0%`, sort: ({probability}) => probability},
    {title: "logit", number: true, cell: ({logit}) => plain(logit, 4), sort: ({logit}) => logit},
    ...actions && base !== null && !result.of_prompts ? [{title: h("span", {class: "hidden"}, "contrast"), number: true, cell: contrast}] : []];
}

/** The scores of all classes or prompts, the best first. In the live viewer, names explain and contrast classes. */
export function scores_section(result: Explanation, actions: Actions | null): HTMLElement | null {
  const {scores, of_prompts} = result;
  if (scores.length === 0) return null;
  const sorted = [...scores].sort((a, b) => b.logit - a.logit), title = of_prompts ? "Prompts" : "Classes";
  const build = (shown: number) => table(sorted.filter((row, i) => i < shown || row.explained), columns_of(result, actions),
    {class: "scores with-bars", label: title, row_class: ({explained}) => explained ? "explained" : undefined});
  return section(title, first_of(sorted.length, few, build, of_prompts ? "prompts" : "classes"));
}
