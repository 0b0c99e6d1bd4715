import {ApiError, call, NoAnswer} from "./api";
import type {Connection} from "./connection";
import type {ProgressBar} from "./progress";
import type {Request} from "./request";

export interface Answer { request: Request; text: string; result: any; }

const key_of = (request: Request): string => JSON.stringify(request);
const most_kept = 12;  // results, so that the back button is immediate

/** Whether the server is about to end; other reasons for 503 (memory, a cancelled call) would repeat themselves. */
const stops = ({code, where}: ApiError): boolean => code === "unavailable" && where === "server";

/** Asks one thing at a time: a new call cancels the one before it, here and on the server. */
export class Runner {
  private running: AbortController | null = null;
  private running_key = "";
  private running_answer: Promise<Answer | null> = Promise.resolve(null);
  private readonly kept = new Map<string, Answer>();

  constructor(private readonly connection: Connection, private readonly progress: ProgressBar | null = null) {}

  get busy(): boolean { return this.running !== null; }

  cancel(): void {
    this.running?.abort();
    this.running = null;
    this.running_key = "";
    this.progress?.stop();
  }

  /** The answer; null if another call came in between or it was cancelled. Throws ApiError. */
  ask(request: Request): Promise<Answer | null> {
    const key = key_of(request);
    if (key === this.running_key) return this.running_answer;
    this.cancel();
    const before = this.kept.get(key);
    if (before) return Promise.resolve(before);
    this.running_key = key;
    return this.running_answer = this.run(request, key);
  }

  private async run(request: Request, key: string): Promise<Answer | null> {
    const control = this.running = new AbortController();
    this.progress?.start();
    try {
      const text = await this.insist(request, control.signal);
      const answer = {request, text, result: JSON.parse(text)};
      this.keep(key, answer);
      return this.running === control ? answer : null;
    } catch (error) {
      if (control.signal.aborted || this.running !== control) return null;
      throw error;
    } finally {
      if (this.running === control) this.cancel();
    }
  }

  /** Repeats a call that the server was too busy for, or that was lost with the connection. */
  private async insist(request: Request, signal: AbortSignal): Promise<string> {
    for (;;) {
      try {
        const text = await call(request.call, request.body, {
          signal, on_queued: (position) => this.progress?.queued(position),
          on_progress: (progress) => this.progress?.show(progress)});
        this.connection.works();
        return text;
      } catch (error) {
        if (error instanceof NoAnswer || error instanceof ApiError && stops(error)) await this.connection.wait_for_server(signal);
        else if (error instanceof ApiError && error.status === 429) {
          await this.connection.wait(error.retry_after ?? 1, error.message, signal);
        } else throw error;
      }
    }
  }

  private keep(key: string, answer: Answer): void {
    this.kept.delete(key);
    this.kept.set(key, answer);
    if (this.kept.size > most_kept) this.kept.delete(this.kept.keys().next().value!);
  }
}
