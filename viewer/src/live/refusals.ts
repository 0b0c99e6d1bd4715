import {ApiError, ServedModel} from "./api";
import type {State} from "./state";

/** Why a question is not sent to the server; null if it is. */
export function refusal_of(state: State, models: readonly ServedModel[]): ApiError | null {
  if (state.tab === "heads") return null;  // reads no texts
  const by_prompts = state.by_prompts && state.prompts.length > 0;
  const texts = by_prompts ? state.prompts : state.classes, list = by_prompts ? "prompts" : "classes";
  const blank = texts.findIndex((text) => text.trim() === "");
  if (blank >= 0) return new ApiError(400, "invalid", `${list}[${blank}]`, "is empty: write a text");
  const model = state.model === "" ? models[0] : models.find(({id}) => id === state.model);
  if (!model || model.default_classes.length > 0 || texts.length > 0 || state.tab === "concepts") return null;
  return new ApiError(400, "invalid", "classes", `the model ${model.name} has no default classes. Write at least two class names ` +
                      "with commas between them, or choose “Sentences” and write one");
}
