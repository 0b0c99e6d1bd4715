import {fold, lede, section} from "../../kit/section";
import {signed} from "../../kit/numbers";
import {table} from "../../kit/table";
import type {Explanation} from "../../results";

const tolerance = 1e-5;  // of the command ledger, too

/** What each op conserved, if the method reports it. */
export function balances_section({attribution}: Explanation): HTMLElement | null {
  const balances = attribution.ledger?.balances ?? [];
  if (balances.length === 0) return null;
  const leaks = balances.filter(({leak, size}) => Math.abs(leak) > tolerance * (1 + size)), [first] = leaks;
  const found = !first ? `All ${balances.length} ops conserve the contribution.`
      : `${leaks.length} of ${balances.length} ops lose or add contribution. The first, from the score back, is ${first.trace_point} ` +
        `(${first.op}, rule ${first.rule}): ${signed(first.output)} came in, ${signed(first.inputs)} went on, ` +
        `${signed(first.additive_term)} went to its bias, and ${signed(first.leak)} is lost.`;
  return section("Conservation", lede(found), fold(`The ${balances.length} ops`, () => table(balances, [
    {title: "trace point", cell: ({trace_point}) => trace_point, sort: (row) => balances.indexOf(row), best: "low"},
    {title: "op", cell: ({op}) => op, sort: ({op}) => op},
    {title: "rule", cell: ({rule}) => rule, sort: ({rule}) => rule},
    {title: "in at the output", number: true, cell: ({output}) => signed(output), sort: ({output}) => output},
    {title: "on to the inputs", number: true, cell: ({inputs}) => signed(inputs), sort: ({inputs}) => inputs},
    {title: "own parameter", number: true, cell: ({additive_term}) => signed(additive_term), sort: ({additive_term}) => additive_term},
    {title: "leak", number: true, cell: ({leak}) => signed(leak), sort: ({leak}) => Math.abs(leak)}],
    {label: "What each op conserved", class: "balances"})));
}
