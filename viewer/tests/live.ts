// Tests of the live viewer's functions that need no browser:
// esbuild viewer/tests/live.ts --bundle --platform=node | node

import {read_error} from "../src/live/api";
import {command_of, CommandSources, python_of, python_value} from "../src/live/commands";
import {place_of} from "../src/live/errors";
import {EventParser} from "../src/live/events";
import {request_options, with_value} from "../src/live/fields";
import {in_box, in_polygon, same_place, toggled} from "../src/live/patch_set";
import {remaining} from "../src/live/progress";
import {removal_request, request_of} from "../src/live/request";
import {shell_word} from "../src/live/shell";
import {from_query, initial_state, join_names, read_ranges, split_names, State, to_query, with_known_target,
        write_ranges} from "../src/live/state";
import {tab_named} from "../src/live/tabs";

let checks = 0;
function equal(name: string, actual: unknown, expected: unknown): void {
  const [a, b] = [actual, expected].map((value) => JSON.stringify(value));
  if (a !== b) throw new Error(`${name}: expected ${b}, got ${a}`);
  ++checks;
}

const state = (change: Partial<State>): State => ({...initial_state, ...change});
const grid = {rows: 2, columns: 4, area: {left: 10, top: 0, width: 40, height: 20}};
const sources: CommandSources = {image: "my cat.png", folder: null, model: "", method: null, methods: ["gae", "rollout"]};

// The address has the whole state and nothing else.
equal("the first state has an empty address", to_query(initial_state), "");
const full = state({
  tab: "deoptimise", model: "a/b", second_model: "c", image: "folder:x & y/é.png", whole: true, by_prompts: true,
  classes: ["pot, cooking", "it's"], prompts: ["a cat.", "50 % of a dog?"], templates: "simple", target: "a cat.", versus: "others",
  feature: "92,98:0.5", method: "rise", method_options: {masks: "500"}, methods: ["gae", "rollout"],
  options: {regions: "slic:20", steps: "9"}, patches: [3, 4, 5, 9]});
equal("an address restores its state", from_query(to_query(full)), full);
equal("an unknown tab is the first one", from_query("?tab=nothing").tab, "explain");
equal("patches are ranges", write_ranges([3, 4, 5, 9]), "3-5.9");
equal("broken ranges are left out", read_ranges("9.x.5-3.1-2.-4"), [1, 2, 9]);

// Texts.
equal("names are separated by commas", split_names(" cat, dog ,,cat"), ["cat", "dog"]);
equal("names of several lines may have commas", split_names("pot, cooking\ndog\n"), ["pot, cooking", "dog"]);
equal("names with commas survive the field", split_names(join_names(["pot, cooking"])), ["pot, cooking"]);
equal("a target that is gone is forgotten", with_known_target(state({classes: ["cat"], target: "dog", versus: "cat"})).target, "");
equal("a contrast needs both classes", with_known_target(state({classes: ["cat", "rat"], target: "cat", versus: "dog"})).versus, "");

// Requests.
equal("the first request has no options", request_of(state({image: "i"}), []), {call: "explain", body: {options: {}, image: "i"}});
equal("the chosen prompt comes first", request_of(state({image: "i", by_prompts: true, prompts: ["a", "b"], target: "b"}), []).body.options,
      {prompts: ["b", "a"], several_prompts: true});
equal("words are explained with pairs", request_of(state({image: "i", tab: "words"}), []).body.options,
      {words: true, interaction: true, regions: "blocks:3x3"});
equal("heads need no image", request_of(state({image: "i", tab: "heads", options: {blocks: "2"}}), []), {call: "heads", body: {options: {blocks: 2}}});
equal("a removal has the patches", removal_request(state({image: "i", target: "cat", patches: [1, 2]})).body.options, {class: "cat", patches: [1, 2]});
const {fields} = tab_named("deoptimise");
equal("options have JSON types", request_options(fields, {steps: "9", ascend: "yes", loss: "dot"}), {loss: "dot", steps: 9, ascend: true});
equal("a default is no option", with_value(fields[2], {steps: "9"}, "4"), {});

// Events.
const parser = new EventParser();
equal("an event may come in pieces", ["event: prog", "ress\ndata: {\"done\":1}\n", "\nevent: result\nda", "ta: {}\n\n"].flatMap((text) => parser.take(text)),
      [{name: "progress", data: "{\"done\":1}"}, {name: "result", data: "{}"}]);
equal("an answer that is no JSON is an error too", read_error("<html>", 502).message, "The server answered with status 502.");
equal("errors are shown at their field", ["classes", "options.versus", "image", "regions", ""].map((where) =>
  place_of(read_error(JSON.stringify({error: {code: "invalid", where, message: "m"}}), 400))), ["texts", "target", "image", "options", "result"]);

// Patches.
equal("a box takes the patches that it touches", in_box(grid, {x: 21, y: 1}, {x: 12, y: 9}), [0, 1]);
equal("a lasso takes the patches whose centres it has", in_polygon(grid, [{x: 10, y: 0}, {x: 31, y: 0}, {x: 31, y: 20}, {x: 10, y: 20}]), [0, 1, 4, 5]);
equal("marked patches are unmarked together", toggled([1, 2, 3], [2, 3]), [1]);
equal("half-marked patches are marked", toggled([1, 2], [2, 3]), [1, 2, 3]);
equal("a cursor finds its place in another grid", same_place(grid, 7, {...grid, rows: 1, columns: 2}), 1);
equal("the rest of a stage takes as long as its beginning", remaining({stage: "s", done: 1, total: 4}, 2), 6);

// Commands.
equal("quotes of the shell", shell_word("it's"), "'it'\\''s'");
equal("an explanation", command_of(state({classes: ["cat", "dog"], target: "cat", versus: "dog"}), sources),
      "whyclip explain 'my cat.png' --classes cat,dog --class cat --versus dog");
equal("names with commas", command_of(state({classes: ["pot, cooking", "dog"]}), sources),
      `whyclip explain 'my cat.png' --classes '["pot, cooking","dog"]'`);
for (const name of ["#1", "two\nlines", 'a "b"', "it's", "-x", "list.txt"]) {
  equal(`the name ${name} is read as it is`, command_of(state({classes: [name, "dog"]}), sources),
        `whyclip explain 'my cat.png' --classes ${shell_word(JSON.stringify([name, "dog"]))}`);
}
equal("words come through a pipe", command_of(state({tab: "concepts", options: {words: "#1, it's"}}), sources),
      `printf '%s' '["#1","it'\\''s"]' | whyclip concepts 'my cat.png' --words /dev/stdin`);
equal("parts of the image need the ledger", command_of(state({options: {regions: "slic:20"}}), sources), "whyclip ledger 'my cat.png' --regions slic:20");
equal("a comparison", command_of(state({tab: "compare", options: {removal: "no"}}), sources), "whyclip compare 'my cat.png' --methods gae,rollout --no-removal");
equal("thresholds", command_of(state({tab: "inspect", options: {text_threshold: "2"}}), sources), "whyclip inspect 'my cat.png' --threshold 1,2");
equal("values of Python", python_value({a: [true, null, "x\"y", 1.5]}), "{\"a\": [True, None, \"x\\\"y\", 1.5]}");
equal("a program uploads the image", python_of({call: "explain", body: {image: "upload:1", options: {}}}, "http://127.0.0.1:1", "cat.png")
  .includes("body = {\"image\": image, \"options\": {}}"), true);

console.log(`${checks} checks`);
