#include <fmt/format.h>

#include "cli/deoptimise_output.h"
#include "cli/pictures.h"
#include "cli/table.h"

namespace whyclip::cli {
namespace {

constexpr const char* kAbout =
    "The patch embeddings (or the pixels) of the picture are moved step by step so that the loss "
    "of its image embedding changes; the map shows what moved. This is the method of the blog "
    "article “What parts of an image contribute to the CLIP classification?” (19 November 2022). "
    "Where the network is easily steered is not always where the score comes from: the controls "
    "below say how much of the map is about the question. A share of the score is what "
    "“whyclip explain” gives.";

DocumentFigure figure(const DeoptimisedPicture& d, std::string caption,
                      const std::vector<float>& values, OverlayOptions options) {
  options.legend = false;
  const PatchGrid grid = values.size() == d.maps.map.size() && !d.pixels() ? d.grid : d.cells();
  return {.caption = std::move(caption), .picture = overlay(d.source, grid, values, options)};
}

std::string caption_of(Readout readout) {
  switch (readout) {
    case Readout::kMean:
      return "mean of the channels";
    case Readout::kMax:
      return "maximum of the channels";
    case Readout::kMostVaried:
      return "the most varied channel";
    case Readout::kBoosted:
      return "boosted: a softmax over each row of 100 × the maximum, as published";
    case Readout::kNorm:
      return "norm over the channels";
  }
  return "";
}

DocumentChart losses_of(const DeoptimisedPicture& d) {
  DocumentChart chart{.caption = "Loss by step", .places = {}, .lines = {}};
  for (int step = 0; step <= d.options.steps; ++step) {
    chart.places.push_back(fmt::format("{}", step));
  }
  const auto line = [&](const std::string& name, const DeoptimisationRun& run) {
    std::vector<std::optional<double>> values(run.losses.begin(), run.losses.end());
    values.resize(chart.places.size());
    chart.lines.push_back({name, std::move(values)});
  };
  line("this question", d.first());
  for (const DeoptimisationRun& run : d.result.runs) {
    if (!run.control) continue;
    line("a random direction", run);
    break;
  }
  return chart;
}

DocumentTable checks(const DeoptimisedPicture& d) {
  DocumentTable table{
      .columns = {"rank correlation by patch", "of", ""}, .rows = {}, .text_columns = 2};
  if (!d.effects.empty()) {
    table.rows.push_back(
        {"what changed", "what hurts when it is removed", correlation_text(d.check.removal)});
    if (!d.maps.controls.empty()) {
      table.rows.push_back({"the same run towards a random direction",
                            "what hurts when it is removed",
                            correlation_text(d.check.control_removal)});
    }
  }
  if (!d.maps.controls.empty()) {
    table.rows.push_back({"what changed", "the same run towards a random direction",
                          correlation_text(d.check.control)});
  }
  table.note =
      "Removed means: the patch's token is not computed at all. A map that is about the question "
      "agrees with removal better than the random direction does.";
  return table;
}

DocumentTable runs(const DeoptimisedPicture& d) {
  DocumentTable table{.columns = {"run", "loss before", "after", "changed by"}, .rows = {}};
  for (std::size_t r = 0; r < d.result.runs.size(); ++r) {
    const DeoptimisationRun& run = d.result.runs[r];
    table.rows.push_back(
        {run.control ? "random direction"
         : r == 0    ? "from the picture"
                     : fmt::format("restart {}", r),
         fmt::format("{:.5g}", run.losses.front()),
         fmt::format("{:.5g}{}", run.losses.back(), run.diverged ? " (diverged)" : ""),
         fmt::format("{:.3g} %", 100 * run.distances.back())});
  }
  return table;
}

DocumentTable settings(const DeoptimisedPicture& d) {
  DocumentTable table{.columns = {"setting", "value"}, .rows = {}, .text_columns = 2};
  for (const auto& [name, value] : d.settings) table.rows.push_back({name, value});
  return table;
}

}  // namespace

std::string deoptimised_page(const DeoptimisedPicture& d, const OverlayOptions& options,
                             const std::vector<std::byte>& animation) {
  Document page(fmt::format("{} · {} · whyclip", shown_name(d.path), d.target.name), d.question());
  page.notes(d.notes);
  page.section("What changed");
  std::vector<DocumentFigure> figures{{.caption = "the picture", .picture = d.source}};
  for (const Readout readout : kReadouts) {
    if (const auto why = why_no_map(d.result, readout)) {
      figures.push_back(
          {.caption = fmt::format("{}: no map, because {}", caption_of(readout), *why),
           .picture = d.source});
      continue;
    }
    figures.push_back(figure(d, caption_of(readout), mean_readout(d.result, readout), options));
  }
  if (d.pixels()) {
    figures.push_back({.caption = "the picture edited", .picture = edited_picture(d)});
  }
  page.figures(figures);
  if (!animation.empty()) {
    page.part("Step by step");
    page.figures(std::vector<DocumentFigure>{
        {.caption = "the first run", .file = animation, .file_type = "image/webp"}});
  }
  page.section("Can it be believed?");
  if (!d.effects.empty()) {
    const std::vector<float> effects(d.effects.begin(), d.effects.end());
    OverlayOptions own = options;
    own.limit = 0;
    own.legend = false;
    page.figures(std::vector<DocumentFigure>{{.caption = "what hurts when it is removed",
                                              .picture = overlay(d.source, d.grid, effects, own)}});
  }
  page.table(checks(d));
  page.section("The runs");
  page.table(runs(d));
  page.chart(losses_of(d));
  page.section("Settings");
  page.table(settings(d));
  page.paragraph(kAbout);
  return page.html();
}

}  // namespace whyclip::cli
