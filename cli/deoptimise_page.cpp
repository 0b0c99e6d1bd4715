#include <fmt/format.h>

#include "cli/deoptimise_output.h"
#include "cli/images.h"
#include "cli/table.h"

namespace whyclip::cli {
namespace {

constexpr const char* kAbout =
    "The patch embeddings (or the pixels) of the image are moved step by step so that the loss "
    "of its image embedding changes; the map shows what moved. This is the method of the blog "
    "article “What parts of an image contribute to the CLIP classification?” (19 November 2022). "
    "Where the network is easily steered is not always where the score comes from: the controls "
    "below say how much of the map is about the question. A contribution of the score is what "
    "“whyclip explain” gives.";

DocumentFigure figure(const DeoptimisedImage& d, std::string caption,
                      const std::vector<float>& values, OverlayOptions options) {
  options.legend = false;
  const PatchGrid grid = values.size() == d.maps.map.size() && !d.pixels() ? d.grid : d.cells();
  return {.caption = std::move(caption), .image = overlay(d.source, grid, values, options)};
}

std::string caption_of(ChannelReduction reduction) {
  switch (reduction) {
    case ChannelReduction::kMean:
      return "mean of the channels";
    case ChannelReduction::kMax:
      return "maximum of the channels";
    case ChannelReduction::kMostVaried:
      return "the most varied channel";
    case ChannelReduction::kBoosted:
      return "boosted: a softmax over each row of 100 × the maximum, as published";
    case ChannelReduction::kNorm:
      return "norm over the channels";
  }
  return "";
}

DocumentChart losses_of(const DeoptimisedImage& d) {
  DocumentChart chart{.caption = "Loss by step", .labels = {}, .lines = {}};
  for (int step = 0; step <= d.options.steps; ++step) {
    chart.labels.push_back(fmt::format("{}", step));
  }
  const auto line = [&](const std::string& name, const DeoptimisationRun& run) {
    std::vector<std::optional<double>> values(run.losses.begin(), run.losses.end());
    values.resize(chart.labels.size());
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

DocumentTable checks(const DeoptimisedImage& d) {
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

DocumentTable runs(const DeoptimisedImage& d) {
  DocumentTable table{.columns = {"run", "loss before", "after", "changed by"}, .rows = {}};
  for (std::size_t r = 0; r < d.result.runs.size(); ++r) {
    const DeoptimisationRun& run = d.result.runs[r];
    table.rows.push_back(
        {run.control ? "random direction"
         : r == 0    ? "from the image"
                     : fmt::format("restart {}", r),
         fmt::format("{:.5g}", run.losses.front()),
         fmt::format("{:.5g}{}", run.losses.back(), run.diverged ? " (diverged)" : ""),
         fmt::format("{:.3g} %", 100 * run.distances.back())});
  }
  return table;
}

DocumentTable settings(const DeoptimisedImage& d) {
  DocumentTable table{.columns = {"setting", "value"}, .rows = {}, .text_columns = 2};
  for (const auto& [name, value] : d.settings) table.rows.push_back({name, value});
  return table;
}

}  // namespace

std::string deoptimised_page(const DeoptimisedImage& d, const OverlayOptions& options,
                             const std::vector<std::byte>& animation) {
  Document page(fmt::format("{} · {} · whyclip", shown_name(d.path), d.target.name), d.headline());
  page.notes(d.notes);
  page.section("What changed");
  std::vector<DocumentFigure> figures{{.caption = "the image", .image = d.source}};
  for (const ChannelReduction reduction : kChannelReductions) {
    if (const auto reason = reason_without_map(d.result, reduction)) {
      figures.push_back(
          {.caption = fmt::format("{}: no map, because {}", caption_of(reduction), *reason),
           .image = d.source});
      continue;
    }
    figures.push_back(
        figure(d, caption_of(reduction), mean_reduction(d.result, reduction), options));
  }
  if (d.pixels()) {
    figures.push_back({.caption = "the image edited", .image = edited_image(d)});
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
                                              .image = overlay(d.source, d.grid, effects, own)}});
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
