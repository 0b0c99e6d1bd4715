// What the viewer shows, as one value. Its address has every part that differs from the default.

export const tab_names = ["explain", "compare", "inspect", "regions", "words", "concepts", "heads", "trace",
                          "deoptimise", "certify"] as const;
export type TabName = typeof tab_names[number];

export interface State {
  tab: TabName;
  model: string;                            // empty: the server's first
  second_model: string;                     // compared with `model`; empty: none
  image: string;                            // id; empty: the first example
  whole: boolean;                           // the whole image instead of the centre crop
  by_prompts: boolean;                      // `prompts` instead of `classes`
  classes: readonly string[];               // empty: the model's default classes
  prompts: readonly string[];
  templates: string;
  target: string;                           // a class, or one of the prompts; empty: the best class, the first prompt
  versus: string;                           // a second class, "others", or empty
  feature: string;                          // entries of the embedding; empty: a score
  method: string;
  method_options: Readonly<Record<string, string>>;  // those that differ from the defaults
  methods: readonly string[];               // of a comparison; empty: the quick ones
  options: Readonly<Record<string, string>>;  // of the tabs, by field; those that differ from the defaults
  patches: readonly number[];               // the selected part of the image, ascending
}

export const default_method = "contributions";
export const default_templates = "imagenet";
export const all_others = "others";         // State::versus: the mean of all other classes

export const initial_state: State = {
  tab: "explain", model: "", second_model: "", image: "", whole: false, by_prompts: false, classes: [], prompts: [],
  templates: default_templates, target: "", versus: "", feature: "", method: default_method, method_options: {},
  methods: [], options: {}, patches: [],
};

/** "3-5.9" for 3, 4, 5, 9. */
export function write_ranges(numbers: readonly number[]): string {
  const ranges: string[] = [];
  for (let i = 0; i < numbers.length;) {
    let end = i;
    while (numbers[end + 1] === numbers[end] + 1) ++end;
    ranges.push(end > i ? `${numbers[i]}-${numbers[end]}` : String(numbers[i]));
    i = end + 1;
  }
  return ranges.join(".");
}

/** The inverse of write_ranges; parts that are no ranges are left out. */
export function read_ranges(text: string): number[] {
  const most = 1 << 20, numbers = new Set<number>();
  for (const part of text.split(".")) {
    const match = /^(\d{1,7})(?:-(\d{1,7}))?$/.exec(part);
    if (!match) continue;
    const last = Math.min(Number(match[2] ?? match[1]), most);
    for (let i = Number(match[1]); i <= last; ++i) numbers.add(i);
  }
  return Array.from(numbers).sort((a, b) => a - b);
}

/** The query string of a state: "" or "?…". */
export function to_query(state: State): string {
  const query = new URLSearchParams();
  const set = (name: string, value: string, otherwise = "") => { if (value !== otherwise) query.set(name, value); };
  const each = (name: string, values: readonly string[]) => values.forEach((value) => query.append(name, value));
  const record = (prefix: string, values: Readonly<Record<string, string>>) =>
    Object.keys(values).sort().forEach((name) => query.set(`${prefix}.${name}`, values[name]));
  set("tab", state.tab, "explain");
  set("image", state.image);
  set("model", state.model);
  set("second", state.second_model);
  set("whole", state.whole ? "yes" : "");
  set("by", state.by_prompts ? "prompts" : "");
  each("class", state.classes);
  each("prompt", state.prompts);
  set("templates", state.templates, default_templates);
  set("target", state.target);
  set("versus", state.versus);
  set("feature", state.feature);
  set("method", state.method, default_method);
  record("set", state.method_options);
  each("methods", state.methods);
  record("option", state.options);
  set("patches", write_ranges(state.patches));
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

/** The inverse of to_query. Unknown parameters are ignored. */
export function from_query(text: string): State {
  const query = new URLSearchParams(text);
  const get = (name: string, otherwise = "") => query.get(name) ?? otherwise;
  const record = (prefix: string) => Object.fromEntries(
    Array.from(query).filter(([name]) => name.startsWith(`${prefix}.`))
                     .map(([name, value]) => [name.slice(prefix.length + 1), value]));
  return {
    tab: tab_names.find((name) => name === get("tab")) ?? "explain",
    model: get("model"), second_model: get("second"), image: get("image"), whole: get("whole") === "yes",
    by_prompts: get("by") === "prompts", classes: query.getAll("class"), prompts: query.getAll("prompt"),
    templates: get("templates", default_templates), target: get("target"), versus: get("versus"),
    feature: get("feature"), method: get("method", default_method), method_options: record("set"),
    methods: query.getAll("methods"), options: record("option"), patches: read_ranges(get("patches")),
  };
}

/** Names from a text field: separated by commas; a name a line if there are several lines. */
export function split_names(text: string): string[] {
  const parts = text.includes("\n") ? text.split("\n") : text.split(",");
  return Array.from(new Set(parts.map((part) => part.trim()).filter((part) => part !== "")));
}

/** The inverse of split_names. */
export function join_names(names: readonly string[]): string {
  if (!names.some((name) => name.includes(","))) return names.join(", ");
  return names.join("\n") + (names.length === 1 ? "\n" : "");
}

/** Prompts from a text field: one a line. */
export function split_prompts(text: string): string[] {
  return Array.from(new Set(text.split("\n").map((line) => line.trim()).filter((line) => line !== "")));
}

/** The same state with a target and a second class that the texts have. */
export function with_known_target(state: State): State {
  const texts = state.by_prompts ? state.prompts : state.classes;
  const known = (name: string) => texts.length === 0 || texts.includes(name);
  const target = known(state.target) ? state.target : "";
  const keeps = !state.by_prompts && target !== "" && (state.versus === all_others || known(state.versus));
  return {...state, target, versus: keeps ? state.versus : ""};
}
