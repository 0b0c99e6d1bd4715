import {h} from "../../kit/dom";
import {bars} from "../../kit/bars";
import {compact} from "../../kit/numbers";
import {table} from "../../kit/table";
import type {Heads} from "../../results";

export type Head = Heads["heads"][number];

export const name_of = ({block, head}: Head) => `${block}.${head}`;
export const whole_percent = (part: number) => `${(100 * part).toFixed(0)}\u00a0%`;

/** The words of a head as bars and as a table. */
export function head_words(head: Head): HTMLElement {
  let sum = 0;
  const rows = head.words.map(({word, explained}) => ({word, explained, together: sum += explained}));
  const percent = (part: number) => `${(100 * part).toFixed(1)}\u00a0%`;
  return h("div", {},
           bars(rows.map(({word, explained}) => ({name: word, value: explained, text: percent(explained)})),
                {caption: "Explained fraction of the variance"}),
           table(rows, [{title: "word", cell: ({word}) => word},
                        {title: "explained", number: true, cell: ({explained}) => percent(explained)},
                        {title: "together", number: true, cell: ({together}) => percent(together)}],
                 {class: "compact", label: `Words of head ${name_of(head)}`}),
           h("p", {class: "under"}, `Of the variance ${compact(head.variance)} of its vectors between the images, which span ` +
                                    `${head.rank} dimensions.`));
}
