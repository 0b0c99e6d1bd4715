import type {Field} from "./fields";
import type {TabName} from "./state";

export interface Tab {
  name: TabName;
  title: string;
  question: string;           // what it answers
  call: string;               // of the API
  target: boolean;            // whether it is about one score
  whole_list: boolean;        // whether all prompts are sent, not only the chosen one
  method: boolean;            // whether the chosen method applies
  fields: readonly Field[];   // options of the call
  fixed?: Record<string, unknown>;  // options that the tab always sends
  first?: string;             // selector of what to show first
}

const check = (name: string, label: string, help: string, on = false): Field =>
  ({name, label, help, kind: "check", default: on ? "yes" : "no"});
const number = (name: string, label: string, help: string, value: number, least: number, most: number,
                whole = false): Field =>
  ({name, label, help, kind: "number", default: String(value), least, most, whole});
const choice = (name: string, label: string, help: string, choices: string[]): Field =>
  ({name, label, help, kind: "choice", default: choices[0], choices});

const parts = ["slic:20", "slic:40", "blocks:3x3", "blocks:4x4", "patches"];
const regions = (initial: string): Field => ({
  name: "regions", label: "Regions", kind: "text", default: initial, choices: parts,
  help: "Parts of the image: patches, blocks:ROWSxCOLUMNS or slic:COUNT (superpixels). Empty: " +
        (initial === "" ? "none." : `${initial}.`)});
const removal = check("removal", "Removal effects", "Compare with the effect of removing each patch (a forward pass each).", true);
const words: Field = {name: "words", label: "Words", kind: "text", default: "",
                      help: "Words to choose from, with commas between them. Empty: the model's default list."};

const score = {target: true, whole_list: true, method: false};

export const tabs: readonly Tab[] = [
  {name: "explain", title: "Explain", question: "Which parts of the image made this score?", call: "explain", ...score,
   method: true, fields: [
     regions(""),
     check("balances", "Conservation", "What each op conserves, for methods that follow rules.")]},
  {name: "compare", title: "Compare methods", question: "Do the methods agree?", call: "compare", ...score, fields: [
     removal, check("words", "Words", "Compare the words of the prompts too."), regions("")]},
  {name: "inspect", title: "Inspect", question: "Which entries of the embeddings made this score?", call: "inspect",
   ...score, fields: [
     number("image_threshold", "Image threshold", "An index is listed if |value| of the image embedding reaches it.", 1, 1e-6, 1e6),
     number("text_threshold", "Text threshold", "The same for the text embedding.", 1, 1e-6, 1e6)]},
  {name: "regions", title: "Regions", question: "What does each region contribute to all classes?", call: "regions",
   target: false, whole_list: true, method: false, fields: [
     regions("blocks:3x3"),
     choice("method", "Propagation", "A method that propagates forward.",
            ["contributions", "query-key", "decompx", "contextual"])]},
  {name: "words", title: "Words", question: "Which words, and which word with which region?", call: "explain", ...score,
   method: true, fixed: {words: true, interaction: true}, first: "section#words", fields: [regions("blocks:3x3")]},
  {name: "concepts", title: "Concepts", question: "Which words describe the image embedding?", call: "concepts",
   target: true, whole_list: false, method: false, fields: [
     number("penalty", "Penalty λ", "The larger, the fewer words.", 0.125, 0.000001, 1000), words,
     check("centre", "Subtract the mean", "Subtract the mean embedding of many images.", true)]},
  {name: "heads", title: "Heads", question: "Which words describe each head over the served images?", call: "heads",
   target: false, whole_list: true, method: false, fields: [
     number("blocks", "Last blocks", "Heads of how many of the last blocks.", 4, 1, 999, true),
     number("texts", "Words a head", "How many words to choose for each head.", 5, 1, 100, true), words]},
  {name: "trace", title: "Trace", question: "Does the published tracing reach the embedding?", call: "trace", ...score,
   fields: [
     check("mended_only", "Mended only", "Trace by the mended rules only: less time and memory."),
     check("ablation", "Ablation", "Exchange the published rules one by one: 20 more tracings."),
     number("tolerance", "Tolerance", "Relative distance above which an op departs.", 0.001, 1e-12, 1)]},
  {name: "deoptimise", title: "Deoptimise", question: "What must the image lose so that the score falls?",
   call: "deoptimise", ...score, fields: [
     choice("variable", "Variable", "What the steps change.", ["patches", "pixels"]),
     choice("loss", "Loss", "The loss that the steps descend.", ["dot-squared", "positive", "dot", "cosine", "logit"]),
     number("steps", "Steps", "Number of steps.", 4, 1, 10000, true),
     number("rate", "Rate", "Learning rate.", 0.01, 1e-12, 1000000),
     choice("optimiser", "Optimiser", "Of the steps.", ["sgd", "adam"]),
     choice("reduction", "Reduction", "How the channels become one number.", ["norm", "mean", "max", "most-varied", "boosted"]),
     number("restarts", "Restarts", "Number of runs; all but the first start with noise.", 1, 1, 64, true),
     number("controls", "Controls", "Control runs with a random direction.", 1, 0, 64, true),
     number("seed", "Seed", "Random seed of restarts and controls.", 0, 0, 1e15, true),
     number("l2", "L2", "Weight of the squared change.", 0, 0, 1000000),
     number("variation", "Variation", "Weight of the change's total variation.", 0, 0, 1000000),
     number("low_pass", "Low pass", "Blur gradients by a Gaussian of this deviation, in cells.", 0, 0, 1000000),
     check("ascend", "Ascend", "Ascend the loss instead."), removal]},
  {name: "certify", title: "Certify", question: "Is the map better than a random order of the patches?", call: "explain",
   ...score, method: true, fixed: {certify: true}, first: ".certificate", fields: []},
];

export const tab_named = (name: TabName): Tab => tabs.find((tab) => tab.name === name)!;
