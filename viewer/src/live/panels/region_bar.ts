import {h} from "../../kit/dom";
import type {Tool} from "../region_tool";
import {segments} from "./panel";

/** Above the stage: the tool that marks patches. */
export class RegionBar {
  private readonly tools = segments<Tool>("Mark patches", ["look", "box", "lasso", "superpixel"],
                                          ["Look", "Box", "Lasso", "Superpixel"], (tool) => this.on_tool(tool));
  readonly element = h("div", {class: "region-bar"}, this.tools.element,
                       h("small", {}, "Shift and click, or Space: one patch. Ctrl: add to the marked ones."));

  constructor(private readonly on_tool: (tool: Tool) => void) { this.tools.set("look"); }

  set(tool: Tool): void { this.tools.set(tool); }
}
