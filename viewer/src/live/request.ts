import type {CallBody} from "./api";
import {Method, request_options} from "./fields";
import {default_method, default_templates, split_names, State} from "./state";
import {Tab, tab_named} from "./tabs";

export interface Request { call: string; body: CallBody; }

/** The prompts with the chosen one first, which is the one that is explained. */
export function ordered_prompts(state: State): readonly string[] {
  if (!state.prompts.includes(state.target)) return state.prompts;
  return [state.target, ...state.prompts.filter((prompt) => prompt !== state.target)];
}

/** Classes or prompts, and the part of the image that is read. */
export function classifier_options(state: State, all_prompts = true): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  if (state.whole) options.whole = true;
  if (state.by_prompts && state.prompts.length > 0) {
    options.prompts = ordered_prompts(state).slice(0, all_prompts ? undefined : 1);
  } else {
    if (state.classes.length > 0) options.classes = state.classes;
    if (state.templates !== default_templates) options.templates = state.templates;
  }
  return options;
}

/** Which score. */
export function target_options(state: State, tab: Tab): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  const by_prompts = state.by_prompts && state.prompts.length > 0;
  if (!by_prompts && state.target !== "") options.class = state.target;
  if (!by_prompts && state.versus !== "") options.versus = state.versus;
  if (by_prompts && tab.whole_list && state.prompts.length > 1) options.several_prompts = true;
  return options;
}

const reads_feature = ["explain", "compare", "words", "regions", "trace", "deoptimise", "certify"];

/** The names of the methods of a comparison. */
export function compared_methods(state: State, methods: readonly Method[]): string[] {
  if (state.methods.length > 0) return [...state.methods];
  const repeats = "·";  // "samples · (F + B)"
  return methods.filter((method) => method.in_all && method.units.includes("patches") && !method.cost.includes(repeats))
                .map(({name}) => name);
}

function body_of(state: State, model: string, options: Record<string, unknown>): CallBody {
  const body: CallBody = {options};
  if (model !== "") body.model = model;
  if (state.image !== "") body.image = state.image;
  return body;
}

/** What the tab of a state asks the server. `methods` are needed for a comparison only. */
export function request_of(state: State, methods: readonly Method[], model = state.model): Request {
  const tab = tab_named(state.tab), own = request_options(tab.fields, state.options);
  if (typeof own.words === "string") own.words = split_names(own.words);
  const options: Record<string, unknown> = {...own, ...tab.fixed};
  if (tab.name !== "heads") Object.assign(options, classifier_options(state, tab.whole_list));
  else if (state.whole) options.whole = true;
  if (tab.target) Object.assign(options, target_options(state, tab));
  if (state.feature !== "" && reads_feature.includes(tab.name)) options.feature = state.feature;
  if (tab.method && state.method !== default_method) options.method = state.method;
  if (tab.method && Object.keys(state.method_options).length > 0) options.method_options = state.method_options;
  if (tab.name === "compare") options.methods = compared_methods(state, methods);
  if (tab.name === "words" && options.regions === undefined) options.regions = "blocks:3x3";
  const body = body_of(state, model, options);
  if (tab.name === "heads") delete body.image;
  return {call: tab.call, body};
}

/** The ranking alone. */
export function ranking_request(state: State): Request {
  return {call: "classify", body: body_of(state, state.model, classifier_options(state))};
}

/** The score without the selected patches. */
export function removal_request(state: State): Request {
  const explain = tab_named("explain");
  const options = {...classifier_options(state), ...target_options(state, explain), patches: state.patches};
  if (state.feature !== "") Object.assign(options, {feature: state.feature});
  return {call: "remove", body: body_of(state, state.model, options)};
}
