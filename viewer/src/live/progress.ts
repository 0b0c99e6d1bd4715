import {h} from "../kit/dom";
import {duration} from "../kit/numbers";
import type {ApiProgress} from "./api";

/** The time that a stage still takes, in seconds; null while nothing can be said. */
export function remaining(progress: ApiProgress, elapsed: number): number | null {
  if (progress.done <= 0 || progress.total <= 0 || elapsed < 0.5) return null;
  return elapsed * (progress.total - progress.done) / progress.done;
}

/** Stage, bar, remaining time and Cancel of a running call. It appears when the call takes longer than a moment. */
export class ProgressBar {
  private readonly stage = h("span");
  private readonly time = h("span", {class: "faint"});
  private readonly bar = h("progress", {"aria-label": "Progress"});
  private readonly cancel = h("button", {type: "button", class: "action"}, "Cancel");
  readonly element = h("div", {class: "progress", hidden: true}, this.stage, this.bar, this.time, this.cancel);
  private timer = 0;
  private stage_name = "";
  private stage_start = 0;

  constructor(on_cancel: () => void, private readonly patience = 300) {  // milliseconds
    this.cancel.addEventListener("click", on_cancel);
  }

  start(): void {
    this.stop();
    this.stage_name = "";
    this.stage.textContent = "Waiting for the server …";
    this.time.textContent = "";
    this.bar.removeAttribute("value");
    this.timer = window.setTimeout(() => { this.element.hidden = false; }, this.patience);
  }

  stop(): void {
    window.clearTimeout(this.timer);
    this.element.hidden = true;
  }

  queued(position: number): void {
    this.stage.textContent = position > 0 ? `Waiting: ${position} ${position === 1 ? "call is" : "calls are"} before this one`
                                          : "Waiting for the server …";
  }

  show(progress: ApiProgress): void {
    if (progress.stage !== this.stage_name) {
      this.stage_name = progress.stage;
      this.stage_start = performance.now();
    }
    const {stage, done, total} = progress;
    this.stage.textContent = total > 1 ? `${stage}: ${done} of ${total}` : stage;
    if (total > 0) {
      this.bar.max = total;
      this.bar.value = done;
    } else {
      this.bar.removeAttribute("value");
    }
    const left = remaining(progress, (performance.now() - this.stage_start) / 1000);
    this.time.textContent = left === null ? "" : `about ${duration(left)} left`;
  }
}
