import {lede, section} from "../../kit/section";
import {waterfall, WaterfallEntry} from "../../kit/waterfall";
import type {Concepts} from "../../results";

const few = 20;  // words with a bar of their own

/** The parts of a target's value: words, what no word says, and the mean. */
export function score_section({words, target, score}: Concepts): HTMLElement | null {
  if (!target || !score) return null;
  const shown = words.slice(0, few), rest = words.slice(few);
  const entry = ({word, contribution}: Concepts["words"][number]): WaterfallEntry => (
    {name: word, value: contribution ?? 0});
  const entries = shown.map(entry);
  if (rest.length) {
    entries.push({name: `${rest.length} more words`, members: rest.map(entry),
                  value: score.words - shown.reduce((sum, {contribution}) => sum + (contribution ?? 0), 0)});
  }
  entries.push({name: "what no word says", value: score.rest}, {name: "the mean", value: score.mean});
  return section(
    `Parts of the ${target.unit}`,
    lede(`From zero to the ${target.unit} of the ${target.kind} “${target.name}”. Each bar begins where the one above ` +
         "it ends."),
    waterfall({entries, quantity: target.unit, column: "part", value: score.value,
               sum: score.mean + score.words + score.rest, residual: score.residual}));
}
