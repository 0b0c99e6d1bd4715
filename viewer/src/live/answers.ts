import type {Explanation} from "../results";
import {sentence_of} from "./errors";
import type {Page} from "./part";
import {Request, request_of} from "./request";
import type {Answer, Runner} from "./runner";
import type {State} from "./state";

interface Score { name: string; logit: number; }

/** What one model answers, or two models to the same question. */
export interface Answers {
  first: Answer;
  second: Answer | null;
  problem: {model: string; sentence: string} | null;  // why the second model has no answer
}

export function best_of<Kind extends Score>(scores: readonly Kind[]): Kind | null {
  return scores.reduce<Kind | null>((best, score) => best && best.logit >= score.logit ? best : score, null);
}

/** The question to the second model. Without classes or a chosen one of yours it is about those of the first model. */
export function second_request(state: State, {scores}: Pick<Explanation, "scores">): Request {
  if (state.by_prompts && state.prompts.length > 0) return request_of(state, [], state.second_model);
  const classes = state.classes.length > 0 ? state.classes : scores.map(({name}) => name);
  const target = state.target || (best_of(scores)?.name ?? "");
  return request_of({...state, classes, target}, [], state.second_model);
}

/** Asks one model, and a second one after it. */
export class Asker {
  constructor(private readonly page: Page, private readonly first: Runner, private readonly second: Runner) {}

  get busy(): boolean { return this.first.busy || this.second.busy; }

  cancel(): void {
    this.first.cancel();
    this.second.cancel();
  }

  /** The answers; null if another question came in between or the call was cancelled. Throws what the first model's call throws. */
  async ask(state: State, request: Request, is_current: () => boolean): Promise<Answers | null> {
    this.second.cancel();
    const first = await this.first.ask(request);
    if (first === null || !is_current()) return null;
    if (state.tab !== "explain" || state.second_model === "") return {first, second: null, problem: null};
    try {
      const second = await this.second.ask(second_request(state, first.result));
      return second && {first, second, problem: null};
    } catch (error) {
      const model = this.page.served.models.find(({id}) => id === state.second_model)?.name ?? state.second_model;
      return {first, second: null, problem: {model, sentence: sentence_of(error)}};
    }
  }
}
