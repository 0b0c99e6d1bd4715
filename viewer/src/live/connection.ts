import {h, replace} from "../kit/dom";
import {is_alive} from "./api";

/** Resolves after a time; rejects when the signal is aborted. */
function pause(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => { window.clearTimeout(timer); reject(new DOMException("aborted", "AbortError")); };
    const timer = window.setTimeout(() => { signal.removeEventListener("abort", stop); resolve(); }, 1000 * seconds);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, {once: true});
  });
}

/** The banner over the page while the server does not answer or is too busy, and the waiting. */
export class Connection {
  readonly element = h("div", {class: "banner", role: "alert", hidden: true});

  works(): void { this.element.hidden = true; }

  private say(text: string): void {
    if (this.element.textContent !== text) replace(this.element, text);
    this.element.hidden = false;
  }

  /** Waits until the server answers again, with growing pauses. */
  async wait_for_server(signal: AbortSignal): Promise<void> {
    const longest = 10;
    for (let seconds = 0.5;; seconds = Math.min(longest, 2 * seconds)) {
      this.say("The server does not answer. Start whyclip serve again; the page then goes on by itself.");
      await pause(seconds, signal);
      if (await is_alive()) return this.works();
    }
  }

  /** Waits before a call is repeated. */
  async wait(seconds: number, reason: string, signal: AbortSignal): Promise<void> {
    this.say(`${reason} The page repeats its request in ${Math.ceil(seconds)} s.`);
    try {
      await pause(seconds, signal);
    } finally {
      this.works();
    }
  }
}
