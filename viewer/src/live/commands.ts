import {Field, Method, value_of} from "./fields";
import {ordered_prompts, Request} from "./request";
import {shell_word} from "./shell";
import {default_method, default_templates, split_names, State} from "./state";
import {Tab, tab_named} from "./tabs";

// The same question for a terminal.

export interface CommandSources {
  image: string;             // a path, or IMAGE
  folder: string | null;     // that is served
  model: string;             // empty: the embedded one
  method: Method | null;     // the chosen one
  methods: readonly string[];  // of a comparison
}

const flag_names: Record<string, string> = {penalty: "l1", blocks: "layers", balances: "full"};
const command_names: Partial<Record<Tab["name"], string>> = {words: "ledger", certify: "explain", trace: "tracing"};

/** A list of names as one argument: with commas between them, or as JSON if a comma, "#" or quote would be misread. */
function names_argument(names: readonly string[]): string {
  const simple = names.length > 1 && names.every((name) => /^[\p{L}\p{N}][\p{L}\p{M}\p{N} _-]*$/u.test(name));
  return shell_word(simple ? names.join(",") : JSON.stringify(names));
}

/** The command of an explanation: with parts of the image it is the ledger's, or a comparison for methods without one. */
function command_name(state: State, tab: Tab, method: Method | null): string {
  const parts = state.options.regions !== undefined || state.options.balances === "yes";
  if (tab.name === "explain" && parts) return method && !method.in_logits ? "compare" : "ledger";
  return command_names[tab.name] ?? tab.name;
}

function own_flags(fields: readonly Field[], state: State): string[] {
  return fields.flatMap((field) => {
    const value = value_of(field, state.options), flag = `--${(flag_names[field.name] ?? field.name).replace(/_/g, "-")}`;
    if (value === field.default) return [];
    if (field.name === "centre") return ["--mean none"];
    if (field.name === "text_threshold" && state.options.image_threshold !== undefined) return [];  // with the other one
    if (field.name.endsWith("_threshold")) {
      return [`--threshold ${state.options.image_threshold ?? 1},${state.options.text_threshold ?? 1}`];
    }
    if (field.name === "words" && field.kind === "text") return split_names(value).length > 0 ? ["--words /dev/stdin"] : [];
    if (field.kind === "check") return [value === "yes" ? flag : `--no-${field.name}`];
    return [`${flag} ${shell_word(value)}`];
  });
}

function classifier_flags(state: State, tab: Tab): string[] {
  const flags: string[] = [];
  if (state.by_prompts && state.prompts.length > 0) {
    const several = tab.name === "inspect" || tab.name === "regions";
    for (const prompt of ordered_prompts(state).slice(0, several ? undefined : 1)) flags.push(`--prompt ${shell_word(prompt)}`);
    return flags;
  }
  if (state.classes.length > 0) flags.push(`--classes ${names_argument(state.classes)}`);
  if (state.templates !== default_templates) flags.push(`--templates ${shell_word(state.templates)}`);
  if (tab.target && state.target !== "") flags.push(`--class ${shell_word(state.target)}`);
  if (tab.target && state.versus !== "") flags.push(`--versus ${shell_word(state.versus)}`);
  return flags;
}

function method_flags(state: State, tab: Tab, command: string, sources: CommandSources): string[] {
  if (tab.name === "compare") return [`--methods ${sources.methods.join(",")}`];
  if (!tab.method) return [];
  const compared = command === "compare";
  const flags = compared ? [`--methods ${state.method} --no-removal`]
                         : state.method === default_method ? [] : [`--method ${shell_word(state.method)}`];
  for (const [name, value] of Object.entries(state.method_options)) {
    flags.push(`--set ${shell_word(`${compared ? `${state.method}.` : ""}${name}=${value}`)}`);
  }
  return flags;
}

/** The whyclip command that answers the same question. */
export function command_of(state: State, sources: CommandSources): string {
  const tab = tab_named(state.tab), command = command_name(state, tab, sources.method);
  const image = tab.name === "heads" ? sources.folder ?? "IMAGES" : sources.image;
  const parts = [`whyclip ${command} ${shell_word(image)}`];
  if (sources.model !== "") parts.push(`--model ${shell_word(sources.model)}`);
  if (tab.name !== "heads") parts.push(...classifier_flags(state, tab));
  if (state.feature !== "" && tab.target && tab.name !== "inspect") parts.push(`--feature ${shell_word(state.feature)}`);
  parts.push(...method_flags(state, tab, command, sources), ...own_flags(tab.fields, state));
  if (tab.name === "words") {
    if (state.options.regions === undefined) parts.push("--regions blocks:3x3");
    parts.push("--words --interaction");
  }
  if (tab.name === "certify") parts.push("--certify");
  if (state.whole) parts.push("--whole-image");
  const words = tab.fields.find(({name, kind}) => name === "words" && kind === "text");
  const list = words ? split_names(value_of(words, state.options)) : [];
  return (list.length > 0 ? `printf '%s' ${shell_word(JSON.stringify(list))} | ` : "") + parts.join(" ");
}

/** A Python program (standard library) that asks the same of this server. */
export function python_of(request: Request, server: string, upload: string | null): string {
  const local = /\/\/(localhost|127\.|\[::1\])/.test(server);
  const token = local ? "" : ', "Authorization": "Bearer " + os.environ["WHYCLIP_TOKEN"]';
  const body = upload === null ? python_value(request.body)
                               : python_value({...request.body, image: ""}).replace('"image": ""', '"image": image');
  const sent = upload === null ? [] : [
    `with open(${python_value(upload)}, "rb") as file:`,
    `    image = post("images", file.read(), "application/octet-stream")["id"]`];
  return [
    "import json",
    ...(local ? [] : ["import os"]),
    "import urllib.request",
    "",
    `server = ${python_value(`${server}/api/v1/`)}`,
    "",
    "",
    'def post(call, body, kind="application/json"):',
    `    headers = {"Content-Type": kind${token}}`,
    "    request = urllib.request.Request(server + call, body, headers)",
    "    with urllib.request.urlopen(request) as answer:",
    "        return json.load(answer)",
    "",
    "",
    ...sent,
    `body = ${body}`,
    `result = post(${python_value(request.call)}, json.dumps(body).encode())`,
    'print(result.get("headline", result["format"]))',
    "",
  ].join("\n");
}

/** A JSON value as a Python expression. */
export function python_value(value: unknown): string {
  if (value === true) return "True";
  if (value === false) return "False";
  if (value === null || value === undefined) return "None";
  if (Array.isArray(value)) return `[${value.map(python_value).join(", ")}]`;
  if (typeof value === "object") {
    const entries = Object.entries(value as object).map(([name, entry]) => `${JSON.stringify(name)}: ${python_value(entry)}`);
    return `{${entries.join(", ")}}`;
  }
  return JSON.stringify(value);
}
