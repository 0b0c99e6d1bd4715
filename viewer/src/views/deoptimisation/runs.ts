import {line_chart} from "../../kit/line_chart";
import {compact} from "../../kit/numbers";
import {section} from "../../kit/section";
import {table} from "../../kit/table";
import type {Deoptimisation} from "../../results";

type Run = Deoptimisation["runs"][number];

const most_linear = 20;  // charts of larger losses have powers of ten

function name_of(run: Run, index: number): string {
  return run.control ? "random direction" : index === 0 ? "from the image" : `restart ${index}`;
}

function diverged({diverged_after_step: step}: Run): string {
  return step === null ? "no" : `after step ${step}`;
}

function runs_table({runs}: Deoptimisation): HTMLElement {
  const last = (values: readonly number[]) => values[values.length - 1];
  return table(runs, [
    {title: "run", cell: (run, index) => name_of(run, index)},
    {title: "loss before", number: true, cell: ({losses}) => compact(losses[0], 5)},
    {title: "after", number: true, cell: ({losses}) => compact(last(losses), 5)},
    {title: "changed by", number: true, cell: ({distances}) => `${compact(100 * last(distances), 3)}\u00a0%`},
    ...(runs.some((run) => run.diverged_after_step !== null) ? [{title: "diverged", cell: diverged}] : [])],
    {class: "compact", label: "Runs"});
}

/** Losses by step: the runs for the target in one colour, those for random directions in another. */
function losses_chart({runs, steps}: Deoptimisation): HTMLElement {
  const all = runs.flatMap(({losses}) => losses);
  const log = Math.max(...all) > most_linear && Math.min(...all) > 0;
  const first = [runs.findIndex((run) => !run.control), runs.findIndex((run) => run.control)];
  return line_chart({
    title: "Loss by step", label: "Loss by step", x: "step", y: log ? "loss, by powers of ten" : "loss", log, points: steps <= 30,
    labels: Array.from({length: steps + 1}, (_, step) => String(step)), x_range: [0, Math.max(1, steps)],
    lines: runs.map((run, i) => ({
      name: run.control ? "a random direction" : "this target", class: run.control ? "line-1" : "line-0",
      unnamed: !first.includes(i),
      points: run.losses.map((loss, step): [number, number] => [step, loss])}))});
}

export function runs_section(result: Deoptimisation): HTMLElement {
  return section("Runs", runs_table(result), losses_chart(result));
}
