import {h} from "../kit/dom";
import {fraction, plain} from "../kit/numbers";
import type {Result} from "../results";
import type {Actions} from "../views/view";
import {Answers, Asker, best_of} from "./answers";
import {get_images, get_methods, get_models, NoAnswer} from "./api";
import {Connection} from "./connection";
import {ErrorLines, failure_of} from "./errors";
import {head_words} from "./head_words";
import {Help} from "./panels/help";
import {ImagePanel} from "./panels/image_panel";
import {MethodPanel} from "./panels/method_panel";
import {ModelPanel} from "./panels/model_panel";
import {QuestionPanel} from "./panels/question_panel";
import {RegionBar} from "./panels/region_bar";
import {RegionPanel} from "./panels/region_panel";
import {Score, ScoresPanel} from "./panels/scores_panel";
import {ShareMenu} from "./panels/share_menu";
import {TabBar} from "./panels/tab_bar";
import {TextsPanel} from "./panels/texts_panel";
import type {Page, Part} from "./part";
import {Pictures} from "./pictures";
import {ProgressBar} from "./progress";
import {RegionTool, Tool} from "./region_tool";
import {refusal_of} from "./refusals";
import {ranking_request, Request, request_of} from "./request";
import {ResultPanel} from "./result_panel";
import {Answer, Runner} from "./runner";
import {shortcuts_of} from "./shortcuts";
import {State} from "./state";
import {Store} from "./store";
import {tab_named} from "./tabs";

/** Brings a part of a result into view, with its numbers open. */
function show_first(part: Element | null): void {
  const fold = part?.querySelector("details");
  if (fold) fold.open = true;
  part?.scrollIntoView({block: "nearest"});
}

/** The live viewer: the state, the parts that change it, and the results that follow from it. */
export class App {
  private readonly status = h("p", {class: "hidden", role: "status"});
  private readonly page: Page = {
    store: new Store(), served: {models: [], methods: [], images: {images: [], folder: null, more: false}},
    errors: new ErrorLines(), announce: (text) => { this.status.textContent = text; }};
  private readonly connection = new Connection();
  private readonly progress = new ProgressBar(() => this.cancel());
  private readonly asker = new Asker(this.page, new Runner(this.connection, this.progress),
                                     new Runner(this.connection, this.progress));
  private readonly scores_runner = new Runner(this.connection);
  private readonly again = h("button", {type: "button", class: "action", hidden: true, on: {click: () => this.ask()}}, "Run again");
  private readonly pictures = new Pictures();
  private readonly region_bar = new RegionBar((tool) => this.choose_tool(tool));
  private readonly region_tool = new RegionTool({on_patches: (patches, done) => this.mark(patches, done)});
  private readonly region_panel = new RegionPanel(this.page, new Runner(this.connection), () => this.mark([], true));
  private readonly result = new ResultPanel({
    pictures: this.pictures, actions: (result) => this.actions(result),
    region: {bar: this.region_bar, panel: this.region_panel, tool: this.region_tool}});
  private readonly image = new ImagePanel(this.page);
  private readonly texts = new TextsPanel(this.page);
  private readonly scores = new ScoresPanel(this.page);
  private readonly method = new MethodPanel(this.page);
  private readonly tabs = new TabBar(this.page);
  private readonly parts: Part[] = [this.tabs, this.image, this.texts, this.scores, this.method, new ModelPanel(this.page),
                                    new QuestionPanel(this.page)];
  private readonly share = new ShareMenu(this.page, () => this.answer);
  private answer: Answer | null = null;
  private asked = "";           // the question of the result, or of the running call
  private shown_tab = "";
  private cancel_words = (): void => {};  // of a head
  private ranked = "";          // the classifier and image of the shown ranking

  /** Builds the page and begins to ask. */
  start(): void {
    const help: Help = new Help(shortcuts_of({store: this.page.store, image: this.image, texts: this.texts, method: this.method,
                                        tool: (tool) => { this.region_bar.set(tool); this.choose_tool(tool); },
                                        clear: () => this.escape(), help: () => help.open()}));
    const [tabs, image, texts, scores, method, model, question] = this.parts.map(({element}) => element);
    const keys = h("button", {type: "button", class: "action", "aria-label": "Keyboard shortcuts",
                              on: {click: () => help.open()}}, "?");
    document.body.prepend(
      h("a", {class: "skip", href: "#main"}, "Skip to the result"),
      h("header", {class: "top"}, h("b", {class: "brand"}, "whyclip"), tabs, this.share.element, keys), this.connection.element,
      h("div", {class: "frame"}, h("aside", {"aria-label": "Question"}, image, texts, scores, method, model),
        h("main", {id: "main", tabindex: -1}, question, this.progress.element, this.page.errors.line("result"),
          this.page.errors.line("main"), this.again, this.result.note, this.result.element)),
      this.status);
    this.page.store.follow((state) => this.update(state));
    this.update(this.page.store.state);
    void this.load();
  }

  /** What the server has. The three answers may come in any order. */
  private async load(): Promise<void> {
    const {served, store} = this.page;
    const methods = this.insist(get_methods).then((answer) => {
      served.methods = answer.methods;
      this.method.show();
    });
    const models = this.insist(get_models).then((answer) => { served.models = answer; });
    const images = this.insist(get_images).then((answer) => {
      served.images = answer;
      this.image.list();
      if (store.state.image === "" && answer.images.length > 0) store.change({image: answer.images[0].id}, "replace");
    });
    await Promise.all([methods, models, images].map((part) => part.then(() => this.update(store.state),
      (error) => this.asked === "" ? this.fail(error) : this.report(error))));
  }

  private async insist<Answer>(get: () => Promise<Answer>): Promise<Answer> {
    for (;;) {
      try {
        return await get();
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error;
        await this.connection.wait_for_server(new AbortController().signal);
      }
    }
  }

  private update(state: State): void {
    for (const part of this.parts) part.update(state);
    if (state.patches !== this.region_tool.patches) {
      this.region_tool.set_patches(state.patches);
      this.region_panel.show(state.patches, true);
    }
    this.ask_if_new(state);
  }

  /** The call of a state; null while it cannot be asked yet. */
  private request(state: State): Request | null {
    const {methods} = this.page.served;
    if (state.tab !== "heads" && state.image === "" || state.tab === "compare" && methods.length === 0) return null;
    return request_of(state, methods);
  }

  private ask_if_new(state: State): void {
    const request = this.request(state), key = this.key_of(state, request);
    if (request === null || key === this.asked) return;
    if (state.image !== "") void this.pictures.prefetch(state.image);
    void this.ask();
  }

  private key_of(state: State, request: Request | null): string {
    const refusal = refusal_of(state, this.page.served.models)?.message;  // may change when the models are known
    return JSON.stringify([request, state.tab, state.tab === "explain" ? state.second_model : "", refusal]);
  }

  private async ask(): Promise<void> {
    const {state} = this.page.store, request = this.request(state)!, key = this.asked = this.key_of(state, request);
    const is_current = () => key === this.asked;
    this.again.hidden = true;
    this.result.set_stale(true, this.shown_tab !== "" && this.shown_tab !== state.tab);
    this.cancel_words();
    const refusal = refusal_of(state, this.page.served.models);
    if (refusal) {
      this.asker.cancel();
      return this.fail(refusal);
    }
    if (request.call !== "explain" && state.image !== "") void this.ask_ranking();
    try {
      const answers = await this.asker.ask(state, request, is_current);
      if (answers === null) return;
      this.page.errors.clear();
      await this.result.show(answers, is_current);
      if (is_current()) this.shown(answers);
    } catch (error) {
      if (is_current()) this.fail(error);
    }
  }

  private shown({first: answer, problem}: Answers): void {
    this.answer = answer;
    this.again.hidden = problem === null;
    const {result} = answer, {state} = this.page.store;
    const headline: string = result.headline ?? tab_named(state.tab).title;
    document.title = `${headline} – whyclip`;
    this.page.announce(headline);
    if (result.format === "whyclip explanation 1") this.rank(result.scores, state, headline);
    const {first} = tab_named(state.tab);
    if (this.shown_tab !== state.tab && this.shown_tab !== "") window.scrollTo(0, 0);
    if (first && this.shown_tab !== state.tab) show_first(this.result.element.querySelector(first));
    this.shown_tab = state.tab;
  }

  private rank(scores: readonly Score[], state: State, headline = ""): void {
    this.ranked = JSON.stringify(ranking_request(state));
    this.scores.show(scores);
    const best = best_of(scores);
    if (best) this.page.announce(`${headline} Best: ${best.name}, ${fraction(best.probability)}, logit ${plain(best.logit)}.`);
  }

  private async ask_ranking(): Promise<void> {
    const {state} = this.page.store, request = ranking_request(state), key = JSON.stringify(request);
    if (key === this.ranked) return;
    try {
      const answer = await this.scores_runner.ask(request);
      if (!answer) return;
      const {classes, prompts} = answer.result.images[0];
      this.rank(classes?.length ? classes : (prompts ?? []).map((row: any) => ({...row, name: row.text})), state);
    } catch (error) {
      this.report(error);
    }
  }

  /** Shows an error of something else than the question. */
  private report(error: unknown): void {
    const {place, sentence} = failure_of(error, this.page.store.state);
    this.page.errors.show(place, sentence);
  }

  /** Shows why the question has no result. */
  private fail(error: unknown): void {
    const {place, sentence} = failure_of(error, this.page.store.state);
    this.forget_answer();
    this.again.hidden = place !== "result";
    this.page.errors.show_failure(place, sentence);
  }

  /** The question has no result, so nothing of the one before it can be saved. */
  private forget_answer(): void {
    this.answer = null;
    this.result.set_failed();
    this.page.errors.clear();
  }

  private cancel(): void {
    this.asker.cancel();
    this.forget_answer();
    this.page.errors.show("result", "Cancelled.");
    this.again.hidden = false;
  }

  /** Escape: a running call, otherwise the marked patches. */
  private escape(): void {
    if (this.asker.busy) this.cancel();
    else this.mark([], true);
  }

  private choose_tool(tool: Tool): void {
    const {store} = this.page, {options} = store.state;
    this.region_tool.set_tool(tool);
    if (tool === "superpixel" && !options.regions?.startsWith("slic:")) store.change({options: {...options, regions: "slic:20"}});
  }

  private mark(patches: readonly number[], done: boolean): void {
    if (!done) return this.region_panel.show(patches, false);
    this.region_tool.set_patches(patches);
    this.page.store.change({patches: [...patches]});
    this.region_tool.patches = this.page.store.state.patches;
    this.region_panel.show(patches, true);
  }

  private actions(result: Result): Actions {
    const {store, served} = this.page, {tab} = store.state;
    const explained = tab_named(tab).target ? tab : "explain";
    const actions: Actions = {
      explain_class: (name, versus) =>
        store.change({tab: explained, target: name, versus: store.state.by_prompts ? "" : versus ?? ""}),
      explain_method: (method) => store.change({tab: "explain", method, method_options: {}}),
    };
    if (served.images.folder !== null && result.format === "whyclip explanation 1") {
      actions.head_words = (block, head) => {
        this.cancel_words();
        const {element, cancel} = head_words(this.connection, store.state, block, head);
        this.cancel_words = cancel;
        return element;
      };
    }
    return actions;
  }
}

